// The row of controls above a log. It only says what is wanted; what that means is the panel's.
import { h } from "../lib/dom";
import { CLOCKS, type Clock } from "./clock";
import { pattern } from "./pattern";
import { LEVELS } from "./store";

export interface Controls {
  onWanted(): void;
  onFollow(): void;
  onLook(): void;
  onCopy(): void;
  onNext(back: boolean): void;
}

export interface Start {
  level: string;
  source: string;
  grep: string;
  /** Of a view that was there before. */
  regex?: boolean;
  exact?: boolean;
  only?: boolean;
  clock?: Clock;
  wrap?: boolean;
}

export class Bar {
  level = 0;
  source = -1;
  pattern: RegExp | null = null;
  only = false;
  clock: Clock;
  wrap: boolean;
  readonly follow: HTMLButtonElement;
  readonly search: HTMLInputElement;
  readonly state = h("span", { class: "state", role: "status" });
  readonly element: HTMLElement;
  #wrong = h("span", { class: "wrong", role: "alert" });
  #found = h("span", { class: "found faint", "aria-live": "polite" });
  #sources: HTMLSelectElement;
  #start: Start;
  #copied = 0;
  #regex: HTMLElement;
  #exact: HTMLElement;

  constructor(
    readonly on: Controls,
    start: Start,
  ) {
    this.#start = start;
    this.clock = start.clock ?? "local";
    this.wrap = start.wrap ?? true;
    this.only = start.only ?? Boolean(start.grep);
    this.level = Math.max(0, LEVELS.indexOf(start.level as never));
    this.follow = h("button", { "aria-pressed": "true", title: "Keep the end in sight (Space)", click: () => on.onFollow() }, "Follow");
    const levels = LEVELS.map((name, at) => option(at ? `${name}+` : "all levels", String(at), at === this.level));
    const level = h("select", { "aria-label": "Least level" }, ...levels);
    level.addEventListener("change", () => this.#want(() => (this.level = Number(level.value))));
    this.#sources = h("select", { "aria-label": "Source" }, option("all sources", "-1", true));
    this.#sources.addEventListener("change", () => this.#want(() => (this.source = Number(this.#sources.value))));
    this.search = h("input", { type: "search", placeholder: "Search  /", "aria-label": "Search", value: start.grep, spellcheck: "false" });
    const search = (): void => this.#want(() => this.#compile());
    const regex = (this.#regex = toggle(".*", "Regular expression", start.regex ?? Boolean(start.grep), search));
    const exact = (this.#exact = toggle("Aa", "Upper and lower case count", start.exact ?? false, search));
    const only = toggle("only", "Only lines that are found", this.only, (on) => this.#want(() => (this.only = on)));
    this.search.addEventListener("input", search);
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") on.onNext(event.shiftKey);
    });
    this.#compile();
    this.element = h(
      "div",
      { class: "bar", role: "toolbar", "aria-label": "Log" },
      this.follow, level, this.#sources, this.search,
      h("span", { class: "few" }, regex, exact, only,
        h("button", { title: "Found before (Shift-Enter)", "aria-label": "Found before", click: () => on.onNext(true) }, "↑"),
        h("button", { title: "Found next (Enter)", "aria-label": "Found next", click: () => on.onNext(false) }, "↓")),
      this.#found, this.#wrong,
      this.#clocks(),
      h("span", { class: "few" },
        toggle("wrap", "Break long lines", this.wrap, (on) => this.#see(() => (this.wrap = on))),
        h("button", { class: "copy", title: "Copy what is marked, else all lines in sight", click: () => on.onCopy() }, "copy")),
      this.state,
    );
  }

  /** What is set now, for a view that takes this one's place. */
  get settings(): Start {
    const { clock, wrap, only } = this;
    const source = this.source < 0 ? "" : (this.#sources.selectedOptions[0]?.textContent ?? "");
    const [regex, exact] = [pressed(this.#regex), pressed(this.#exact)];
    return { level: LEVELS[this.level] ?? "", source, grep: this.search.value, regex, exact, only, clock, wrap };
  }

  /** The names of sources, when one is new. */
  names(names: string[], ids: string[]): void {
    const list = this.#sources;
    for (let at = list.options.length - 1; at < names.length; at++) {
      const asked = this.#start.source !== "" && [names[at], ids[at]].includes(this.#start.source);
      list.append(option(names[at]!, String(at), asked));
      if (asked) this.#want(() => (this.source = at));
    }
  }

  found(count: number | null): void {
    this.#found.textContent = count === null ? "" : `${count.toLocaleString("en")} found`;
  }

  copied(said: string): void {
    const button = this.element.querySelector(".copy")!;
    button.textContent = said;
    clearTimeout(this.#copied);
    this.#copied = setTimeout(() => (button.textContent = "copy"), 1500) as unknown as number;
  }

  #clocks(): HTMLSelectElement {
    const clocks = Object.entries(CLOCKS).map(([name, words]) => option(words, name, name === this.clock));
    const clock = h("select", { "aria-label": "Times" }, ...clocks);
    clock.addEventListener("change", () => this.#see(() => (this.clock = clock.value as Clock)));
    return clock;
  }

  #compile(): void {
    const made = pattern(this.search.value, pressed(this.#regex), pressed(this.#exact));
    this.pattern = made.pattern;
    this.#wrong.textContent = made.wrong;
    this.search.setAttribute("aria-invalid", String(Boolean(made.wrong)));
  }

  #want(change: () => void): void {
    change();
    this.on.onWanted();
  }

  #see(change: () => void): void {
    change();
    this.on.onLook();
  }
}

function pressed(button: HTMLElement): boolean {
  return button.getAttribute("aria-pressed") === "true";
}

function toggle(label: string, title: string, on: boolean, told: (on: boolean) => void): HTMLButtonElement {
  const button = h("button", { "aria-pressed": String(on), title, "aria-label": title }, label);
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(!pressed(button)));
    told(pressed(button));
  });
  return button;
}

function option(text: string, value: string, selected: boolean): HTMLOptionElement {
  return h("option", { value, selected }, text);
}
