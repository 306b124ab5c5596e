// JupyterLab's colours with a fallback for pages that have none; states have a colour in light and in dark.

export const BASE = `
.coder-nb {
  --c-back: var(--jp-layout-color0, Canvas); --c-back2: var(--jp-layout-color2, color-mix(in srgb, CanvasText 8%, Canvas));
  --c-ink: var(--jp-ui-font-color0, CanvasText); --c-faint: var(--jp-ui-font-color2, color-mix(in srgb, CanvasText 60%, Canvas));
  --c-line: var(--jp-border-color2, color-mix(in srgb, CanvasText 22%, Canvas)); --c-focus: var(--jp-brand-color1, #1976d2);
  --c-code: var(--jp-code-font-family, ui-monospace, monospace);
  --c-good: #1a7f37; --c-warn: #9a6700; --c-bad: #cf222e; --c-mark: #fff3a3; --c-marked: #ddf4ff;
  color: var(--c-ink); background: var(--c-back); border: 1px solid var(--c-line); border-radius: 4px;
  font: var(--jp-ui-font-size1, 13px)/1.4 var(--jp-ui-font-family, system-ui, sans-serif);
}
.coder-nb.dark { --c-good: #3fb950; --c-warn: #d29922; --c-bad: #ff7b72; --c-mark: #6b5900; --c-marked: #0c3a5b; }
.coder-nb button, .coder-nb input, .coder-nb select {
  font: inherit; color: inherit; background: var(--c-back); border: 1px solid var(--c-line); border-radius: 3px;
  padding: 1px 6px; min-height: 22px; box-sizing: border-box;
}
.coder-nb button { cursor: pointer; } .coder-nb button:hover { background: var(--c-back2); }
.coder-nb button[aria-pressed=true] { background: var(--c-back2); border-color: var(--c-focus); }
.coder-nb :focus-visible { outline: 2px solid var(--c-focus); outline-offset: -1px; }
.coder-nb a { color: var(--jp-content-link-color, LinkText); }
.coder-nb .bar { display: flex; flex-wrap: wrap; gap: 4px 6px; align-items: center; padding: 4px 6px; border-bottom: 1px solid var(--c-line); }
.coder-nb .state { margin-inline-start: auto; color: var(--c-faint); white-space: nowrap; }
.coder-nb .state::before { content: "●"; margin-inline-end: 4px; color: var(--c-faint); }
.coder-nb .state[data-state=live]::before { color: var(--c-good); }
.coder-nb .state[data-state=reconnecting]::before, .coder-nb .state[data-state=connecting]::before { color: var(--c-warn); }
.coder-nb .state[data-state=ended]::before { color: var(--c-faint); }
.coder-nb .banner { padding: 3px 8px; border-bottom: 1px solid var(--c-line); background: var(--c-back2); }
.coder-nb .banner[hidden] { display: none; }
.coder-nb .bad { color: var(--c-bad); } .coder-nb .warn { color: var(--c-warn); } .coder-nb .good { color: var(--c-good); }
.coder-nb .faint { color: var(--c-faint); }
`;

function dark(): boolean {
  const light = document.body.dataset["jpThemeLight"];
  return light === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : light === "false";
}

/** Keeps the class `dark` of an element true to the page's theme; `changed` is told after each switch. */
export function follow(element: HTMLElement, changed?: (dark: boolean) => void): () => void {
  const tell = (): void => {
    element.classList.toggle("dark", dark());
    changed?.(dark());
  };
  const observer = new MutationObserver(tell);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  tell();
  return () => observer.disconnect();
}
