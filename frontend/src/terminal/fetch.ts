// The big bundle: asked of the kernel once for a page, whichever notebook's, and never fetched from anywhere else.
import type { Model } from "./link";
import type { FromKernel, ToKernel } from "./wire";

const REGISTRY = Symbol.for("coder_nb.bundles");
/** Milliseconds; a kernel that is away never answers. */
const PATIENCE = 30_000;

interface Page {
  [REGISTRY]?: Map<string, Promise<unknown>>;
}

/** The module of this hash. */
export function bundle(hash: string, input: Model): Promise<unknown> {
  const page = globalThis as Page;
  const registry = (page[REGISTRY] ??= new Map());
  let known = registry.get(hash);
  if (!known) {
    known = ask(hash, input).then(load);
    registry.set(hash, known);
    known.catch(() => registry.delete(hash));
  }
  return known;
}

function ask(hash: string, input: Model): Promise<BlobPart> {
  return new Promise((resolve, reject) => {
    const received = (message: FromKernel, buffers: DataView[]) => {
      const data = buffers?.[0];
      if (message.kind !== "bundle" || message.hash !== hash || !data) return;
      finish();
      resolve(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
    };
    const finish = () => {
      clearTimeout(timer);
      input.off("msg:custom", received as never);
    };
    const timer = setTimeout(() => {
      finish();
      reject(new Error("the kernel does not answer"));
    }, PATIENCE);
    input.on("msg:custom", received as never);
    input.send({ kind: "bundle", hash } satisfies ToKernel, {});
  });
}

async function load(packed: BlobPart): Promise<unknown> {
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
