// Bundles the widgets for the Python package: each src/*.ts into one file. `--watch` does so at every change.
// What src/*/mount.ts is, a page loads once for all of its widgets: it is packed, and named after its folder.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const out = "../coder_nb/widgets/static";
const names = readdirSync("src");
const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  loader: { ".css": "text" },
  logLevel: "warning",
};

const packed = {
  name: "packed",
  setup(run) {
    run.onEnd((result) => {
      for (const file of result.outputFiles ?? []) {
        mkdirSync(out, { recursive: true });
        writeFileSync(file.path, gzipSync(file.contents, { level: 9 }));
      }
    });
  },
};

const all = [
  { ...common, entryPoints: names.filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => `src/${name}`), outdir: out },
  ...names
    .filter((name) => existsSync(`src/${name}/mount.ts`))
    .map((name) => ({
      ...common,
      entryPoints: [`src/${name}/mount.ts`],
      outfile: `${out}/${name}-bundle.js.gz`,
      write: false,
      plugins: [packed],
    })),
];

for (const options of all) {
  if (process.argv.includes("--watch")) await (await context(options)).watch();
  else await build(options);
}
