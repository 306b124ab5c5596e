// What is around the screen: a name, how the session is, where it runs, a search box, and what can be done about it.
import { h } from "../lib/dom";
import type { Phase, Place } from "./wire";

export interface Deeds {
  enter(): void;
  restart(): void;
  move(container: string): void;
  search(): void;
}

export interface State {
  phase: Phase;
  gone: boolean;
  late: boolean;
  places: Place[];
  /** What to type to meet the session again. */
  again: string;
}

/** A program's title: shortened, and with nothing in it that is not printed. */
export function title(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
}

/** In words, for the corner and for the banner; the banner's is "" where nothing is wrong. */
export function words({ phase, gone, late }: State, now = Date.now()): { short: string; long: string } {
  if (gone) {
    const left = phase.session ? "; the shell runs on for five minutes" : "";
    return { short: "kernel gone", long: `The kernel of this terminal is gone${left}.` };
  }
  if (phase.name === "ended") return { short: "ended", long: `Session ended${phase.why ? `: ${phase.why}` : ""}.` };
  if (phase.name === "reconnecting") {
    const seconds = Math.max(0, Math.ceil((phase.retry_at ?? 0) - now / 1000));
    return { short: "reconnecting", long: `${phase.why}; trying again${seconds ? ` in ${seconds} s` : ""}.` };
  }
  if (late) return { short: "kernel busy", long: "Kernel busy: input queued." };
  return { short: phase.name === "live" ? "live" : "connecting…", long: "" };
}

export class Bar {
  readonly top: HTMLElement;
  readonly banner: HTMLElement;
  readonly foot: HTMLElement;
  private readonly deeds: Deeds;
  private readonly titled = h("span", { class: "title" });
  private readonly target = h("span", { class: "target" });
  private readonly enter: HTMLButtonElement;
  private readonly places: HTMLSelectElement;
  private readonly state = h("span", { class: "state", role: "status", "aria-live": "polite" });
  private shown = "";
  private timer = 0;

  constructor(name: string, deeds: Deeds) {
    this.deeds = deeds;
    this.enter = h("button", { type: "button", title: "type in the terminal", click: () => deeds.enter() }, "Type here");
    this.places = h("select", {
      "aria-label": "where it runs", hidden: true, change: () => deeds.move(this.places.value),
    });
    const find = h("button", { type: "button", title: "Ctrl-Shift-F", click: () => deeds.search() }, "Search");
    this.top = h(
      "div", { class: "bar", role: "toolbar", "aria-label": `terminal of ${name}` },
      h("span", { class: "name" }, name), this.places, this.enter, find, this.titled, this.state,
    );
    this.banner = h("div", { class: "banner", role: "alert", hidden: true });
    const way = h("span", {}, h("kbd", {}, "Ctrl-Shift-X"), " leaves the terminal");
    this.foot = h("div", { class: "foot" }, way, this.target);
  }

  focus(): void {
    this.enter.focus();
  }

  title(text: string): void {
    this.titled.textContent = title(text);
  }

  /** Where the link under the pointer leads. */
  hover(target: string): void {
    this.target.textContent = target;
  }

  show(state: State): void {
    clearTimeout(this.timer);
    const { short, long } = words(state);
    this.state.textContent = short;
    this.state.dataset.state = state.gone ? "ended" : state.late ? "reconnecting" : state.phase.name;
    const seen = JSON.stringify([long, state.gone, state.again]);
    if (seen !== this.shown) {
      this.shown = seen;
      this.banner.hidden = !long;
      this.banner.replaceChildren(long, ...this.offers(state));
    }
    this.choose(state);
    if (state.phase.name === "reconnecting" && !state.gone) this.timer = window.setTimeout(() => this.show(state), 1000);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private offers(state: State): Node[] {
    if (state.gone) {
      if (!state.again || state.phase.name === "ended") return [];
      return [h("span", {}, "To meet it again, run ", h("code", { tabindex: 0 }, state.again))];
    }
    if (state.phase.name !== "ended") return [];
    return [h("button", { type: "button", click: () => this.deeds.restart() }, "Start again")];
  }

  private choose({ places, phase, gone }: State): void {
    this.places.disabled = gone;
    const known = places.some((place) => place.id === phase.container) || !phase.container;
    const all = [{ id: "", name: "beside the agent" }, ...places];
    if (!known) all.push({ id: phase.container, name: phase.container });
    this.places.hidden = all.length < 2;
    const options = all.map(({ id, name }) => h("option", { value: id }, title(name)));
    if (options.map((option) => option.outerHTML).join() !== this.places.dataset.options) {
      this.places.dataset.options = options.map((option) => option.outerHTML).join();
      this.places.replaceChildren(...options);
    }
    this.places.value = phase.container;
  }
}
