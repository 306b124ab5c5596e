// The metadata panel: a line for each item with its value, its recent past and its age.
import { banner } from "../lib/banner";
import type { Channel } from "../lib/channel";
import { h, root } from "../lib/dom";
import { BASE, follow } from "../lib/theme";
import { age, type Held, Items, path, type Told } from "./items";

const STYLE = `${BASE}
.coder-nb-metadata .items { display: grid; grid-template-columns: minmax(8em, max-content) minmax(6em, 1fr) 130px max-content; padding: 4px 8px; }
.coder-nb-metadata .item { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; align-items: center; padding: 2px 0; column-gap: 14px; }
.coder-nb-metadata .item + .item { border-top: 1px solid color-mix(in srgb, var(--c-line) 45%, transparent); }
.coder-nb-metadata .value { font-family: var(--c-code); overflow-wrap: anywhere; white-space: pre-wrap; }
.coder-nb-metadata .item.high .value { color: var(--c-bad); font-weight: 600; } .coder-nb-metadata .item.high .value::before { content: "▲ "; }
.coder-nb-metadata .error { color: var(--c-bad); grid-column: 2 / -1; overflow-wrap: anywhere; }
.coder-nb-metadata svg { width: 120px; height: 22px; display: block; } .coder-nb-metadata path { fill: none; stroke: var(--c-focus); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.coder-nb-metadata .high path { stroke: var(--c-bad); }
.coder-nb-metadata .age { color: var(--c-faint); font-variant-numeric: tabular-nums; text-align: end; }
.coder-nb-metadata .old .age { color: var(--c-warn); } .coder-nb-metadata.stale .items { opacity: .6; }
.coder-nb-metadata .none { padding: 14px; text-align: center; color: var(--c-faint); }
@media (max-width: 480px) { .coder-nb-metadata svg { width: 60px; } .coder-nb-metadata .items { grid-template-columns: max-content 1fr 70px max-content; } }
`;

const OLD = 60_000;

interface State {
  name: string;
  why: string;
  until: number | null;
}

/** What all views of one model share. */
export class Shared {
  items = new Items();
  state: State = { name: "connecting", why: "", until: null };
  #panels = new Set<Panel>();

  constructor(readonly channel: Channel) {
    channel.onBatch((body) => {
      const told = body as Told;
      if (told.state) this.state = { name: told.state.name, why: told.state.why, until: told.state.retry === null ? null : Date.now() + told.state.retry * 1000 };
      this.items.take(told, Date.now());
      for (const panel of this.#panels) panel.draw();
    });
  }

  enter(panel: Panel): () => void {
    this.#panels.add(panel);
    return () => void this.#panels.delete(panel);
  }
}

export class Panel {
  readonly root: HTMLElement;
  #state = h("span", { class: "state", role: "status" });
  #items = h("div", { class: "items", role: "list" });
  #none = h("div", { class: "none" }, "nothing is measured: the template declares no metadata");
  #ages: [line: HTMLElement, age: HTMLElement, since: number][] = [];
  #ends: (() => void)[] = [];
  #tick: number;

  constructor(
    el: HTMLElement,
    readonly shared: Shared,
    readonly channel: Channel,
    title: string,
  ) {
    this.root = root(el, "metadata", STYLE);
    const [note, unnote] = banner(channel, { busy: "" });
    this.root.append(h("div", { class: "bar" }, h("b", {}, title), this.#state), note, this.#items, this.#none);
    this.#items.setAttribute("aria-label", title);
    this.#ends.push(unnote, follow(this.root), shared.enter(this), channel.onWay(() => this.#say()));
    this.#tick = setInterval(() => this.#say(), 1000) as unknown as number;
    this.draw();
  }

  close(): void {
    for (const end of this.#ends) end();
    clearInterval(this.#tick);
    this.root.remove();
  }

  draw(): void {
    this.#ages = [];
    this.#items.replaceChildren(...this.shared.items.list().map((item) => this.#line(item)));
    this.#say();
  }

  /** What changes by itself: how old it all is. The values stay as they are, so that they can be marked and copied. */
  #say(): void {
    const { state } = this.shared;
    const left = state.until === null ? 0 : Math.max(0, Math.round((state.until - Date.now()) / 1000));
    const name = this.channel.way === "gone" ? "ended" : state.name;
    this.#state.dataset["state"] = name;
    this.#state.textContent = name === "reconnecting" && left ? `reconnecting in ${left} s` : name;
    this.#state.title = state.why;
    this.#none.hidden = this.#ages.length > 0 || state.name === "connecting";
    this.root.classList.toggle("stale", name !== "live" && this.#ages.length > 0);
    for (const [line, passed, since] of this.#ages) {
      passed.textContent = age(Date.now() - since);
      line.classList.toggle("old", Date.now() - since > OLD);
    }
  }

  #line(item: Held): HTMLElement {
    const high = this.shared.items.high(item);
    const passed = h("span", { class: "age", title: "since it was measured" });
    const line = h("div", { class: high ? "item high" : "item", role: "listitem", "data-key": item.key },
      h("span", { class: "name" }, item.name),
      h("span", { class: "value", title: high ? `at least ${this.shared.items.warnAt} %` : "" }, item.value || "–"),
      spark(item, item.percent === null ? undefined : 100),
      passed,
      item.error && h("span", { class: "error" }, item.error));
    this.#ages.push([line, passed, item.since]);
    return line;
  }
}

function spark(item: Held, full: number | undefined): HTMLElement {
  const holder = h("span", { class: "spark" });
  const drawn = path(item.past, 120, 20, full);
  if (!drawn) return holder;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 -1 120 22");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${item.past.length} values, from ${Math.min(...item.past)} to ${Math.max(...item.past)}`);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", drawn);
  svg.append(line);
  holder.append(svg);
  return holder;
}
