// The terminal's `_esm`: small, since it is sent for every widget. What draws is a bundle that a page loads once.
import { bundle } from "./terminal/fetch";
import { inputModel, type Model } from "./terminal/link";
import type { Mount } from "./terminal/mount";

interface Rendered {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}

async function render({ model, el, signal }: Rendered): Promise<() => void> {
  // Else Ctrl-Shift-C opens JupyterLab's command palette.
  el.dataset.lmSuppressShortcuts = "true";
  const note = document.createElement("div");
  note.setAttribute("role", "status");
  note.style.cssText = "padding:8px;opacity:.7;font:13px var(--jp-ui-font-family,sans-serif)";
  note.textContent = "loading the terminal…";
  el.append(note);
  const input = await inputModel(model);
  while (!signal?.aborted) {
    try {
      const { mount } = (await bundle(String(model.get("_bundle")), input)) as { mount: Mount };
      if (signal?.aborted) break;
      note.remove();
      return mount(model, input, el);
    } catch (error) {
      note.textContent = `the terminal cannot be loaded yet: ${error instanceof Error ? error.message : error}`;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
  return () => {};
}

export default { render };
