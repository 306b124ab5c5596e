// Bundles each widget of src/*.ts into one file for the Python package. `--watch` does so at every change.
import { readdirSync } from "node:fs";
import { build, context } from "esbuild";

const widgets = readdirSync("src").filter((name) => name.endsWith(".ts"));

const options = {
  entryPoints: widgets.map((name) => `src/${name}`),
  outdir: "../coder_nb/widgets/static",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  loader: { ".css": "text" },
  logLevel: "warning",
};

if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
}
