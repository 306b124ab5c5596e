// The search box: looks for text or a pattern in what the terminal has said.
import type { ISearchOptions, SearchAddon } from "@xterm/addon-search";
import { h } from "../lib/dom";

const MARKS = {
  matchBackground: "#ffe08a", matchOverviewRuler: "#d29922", activeMatchBackground: "#ff9632",
  activeMatchColorOverviewRuler: "#ff9632",
};

export class Find {
  readonly element: HTMLElement;
  private readonly search: SearchAddon;
  private readonly leave: () => void;
  private readonly field: HTMLInputElement;
  private readonly count = h("span", { class: "faint", role: "status", "aria-live": "polite" });
  private regex = false;
  private readonly counted: { dispose(): void };

  /** @param leave is called when the box has closed. */
  constructor(search: SearchAddon, leave: () => void) {
    this.search = search;
    this.leave = leave;
    this.field = h("input", {
      type: "text", "aria-label": "search the terminal", placeholder: "search",
      input: () => this.look(true, true), keydown: (event: KeyboardEvent) => this.key(event),
    });
    const pattern = h("button", {
      type: "button", "aria-pressed": "false", title: "regular expression",
      click: () => {
        this.regex = !this.regex;
        pattern.setAttribute("aria-pressed", String(this.regex));
        this.look(true, true);
      },
    }, ".*");
    const step = (name: string, label: string, next: boolean) =>
      h("button", { type: "button", "aria-label": label, click: () => this.look(next, false) }, name);
    const shut = h("button", { type: "button", "aria-label": "close the search", click: () => this.close() }, "✕");
    this.element = h(
      "div", { class: "search", role: "search", hidden: true },
      this.field, pattern, step("↑", "match above", false), step("↓", "match below", true), this.count, shut,
    );
    this.counted = search.onDidChangeResults(({ resultIndex, resultCount }) => {
      const none = this.field.value ? "nothing found" : "";
      const which = resultIndex < 0 ? "" : `${resultIndex + 1} of `;
      this.count.textContent = resultCount ? `${which}${resultCount.toLocaleString("en")}` : none;
    });
  }

  open(): void {
    this.element.hidden = false;
    this.field.focus();
    this.field.select();
  }

  close(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.search.clearDecorations();
    this.leave();
  }

  dispose(): void {
    this.counted.dispose();
  }

  private look(next: boolean, incremental: boolean): void {
    const options: ISearchOptions = { regex: this.regex, incremental: incremental && next, decorations: MARKS };
    try {
      if (next) this.search.findNext(this.field.value, options);
      else this.search.findPrevious(this.field.value, options);
    } catch {
      this.count.textContent = "not a regular expression";
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter") this.look(!event.shiftKey, false);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
