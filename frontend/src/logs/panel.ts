// A log in the page: the list, its controls, and what people do with them. Several may show the same lines.
import { banner } from "../lib/banner";
import type { Channel } from "../lib/channel";
import { h, root } from "../lib/dom";
import { follow } from "../lib/theme";
import { Virtual } from "../lib/virtual";
import { plain } from "./ansi";
import { Bar, type Start } from "./bar";
import { Chart } from "./chart";
import { told } from "./clock";
import { keys } from "./keys";
import { Marks } from "./marks";
import { element } from "./row";
import { Sight } from "./sight";
import { GAP, LEVELS } from "./store";
import { STYLE } from "./style";
import type { Shared } from "./shared";

const LINE = 18;

export class Panel {
  readonly list = h("div", { class: "list", role: "listbox", tabindex: "0", "aria-multiselectable": "true", "aria-label": "Log lines" });
  readonly sight: Sight;
  readonly marks = new Marks();
  readonly bar: Bar;
  readonly virtual: Virtual;
  readonly root: HTMLElement;
  #chart: Chart;
  #more = h("button", { class: "new", hidden: true, click: () => this.virtual.follow(true) });
  #none = h("div", { class: "none", role: "status" });
  #count = h("span", { class: "count" });
  #seen = 0;
  #char = 7.2;
  #ends: (() => void)[] = [];
  #tick = 0;
  #sending = 0;

  constructor(
    el: HTMLElement,
    readonly shared: Shared,
    readonly channel: Channel,
    title: string,
    start: Start,
  ) {
    this.root = root(el, "logs", STYLE);
    this.sight = new Sight(shared.store);
    // JupyterLab draws anew what is moved or brought up to date: what people have set is not lost by that.
    this.bar = new Bar(this.#controls(), shared.settings?.() ?? start);
    shared.settings = () => this.bar.settings;
    this.root.classList.toggle("wrap", this.bar.wrap);
    this.#chart = new Chart(this.sight, (row) => this.virtual.show(row));
    const [note, unnote] = banner(channel, { busy: "" });
    const foot = h("div", { class: "foot" }, h("span", { class: "name", title }, title), this.#count);
    this.root.append(this.bar.element, note, this.#chart.element as unknown as HTMLElement, this.list, this.#none, this.#more, foot);
    this.virtual = new Virtual(this.list, {
      count: () => this.sight.count,
      height: (row) => this.#height(row),
      draw: (row) => this.#draw(row),
    });
    this.#wire();
    this.#ends.push(unnote, follow(this.root), channel.onWay(() => this.#state()), shared.on(() => this.#came()), keys(this));
    this.#tick = setInterval(() => this.#second(), 1000) as unknown as number;
    this.#want();
    this.#came();
  }

  close(): void {
    for (const end of this.#ends) end();
    clearInterval(this.#tick);
    clearTimeout(this.#sending);
    this.#chart.close();
    this.sight.close();
    this.virtual.close();
    this.root.remove();
  }

  /** The rows that are marked, or all in sight, as text. */
  text(all: boolean): string {
    const lines: string[] = [];
    for (let row = 0; row < this.sight.count; row++) {
      const line = this.sight.at(row);
      if (all || this.marks.has(line)) lines.push(this.#plain(line));
    }
    return lines.join("\n");
  }

  async copy(): Promise<void> {
    const text = this.text(!this.marks.any);
    try {
      await navigator.clipboard.writeText(text);
      this.bar.copied("copied");
    } catch {
      // No clipboard without a secure page or a permission.
      this.bar.copied("not allowed");
    }
  }

  /** The next line that is found, from the cursor on or from what is in sight, round at the end. */
  next(back: boolean): void {
    const count = this.sight.count;
    if (!this.sight.wanted.pattern || !count) return;
    const from = this.marks.any ? this.sight.row(this.marks.cursor) : this.virtual.inSight()[0] + (back ? 0 : -1);
    for (let step = 1; step <= count; step++) {
      const row = (((back ? from - step : from + step) % count) + count) % count;
      if (!this.sight.matches(this.sight.at(row))) continue;
      this.marks.set(this.sight.at(row), false);
      this.virtual.show(row);
      return;
    }
  }

  #controls() {
    return {
      onWanted: () => this.#want(),
      onFollow: () => this.virtual.follow(!this.virtual.following),
      onLook: () => this.#look(),
      onCopy: () => void this.copy(),
      onNext: (back: boolean) => this.next(back),
    };
  }

  #wire(): void {
    this.sight.onReset = () => this.virtual.reset();
    this.sight.onDrop = (rows) => this.virtual.dropped(rows);
    this.sight.onGrow = () => this.virtual.grew();
    this.sight.onBusy = () => this.#tell();
    this.virtual.onFollow = (following) => {
      this.bar.follow.setAttribute("aria-pressed", String(following));
      this.bar.follow.textContent = following ? "Follow" : "Paused";
      this.#seen = this.shared.store.end;
      this.#tell();
    };
    this.marks.onChange = () => this.#marked();
    this.list.addEventListener("click", (event) => {
      if (!getSelection()?.isCollapsed) return;
      const row = (event.target as HTMLElement).closest<HTMLElement>(".row");
      if (row?.dataset["line"]) this.marks.set(Number(row.dataset["line"]), event.shiftKey);
    });
    this.list.addEventListener("copy", (event) => {
      if (!getSelection()?.isCollapsed || !this.marks.any) return;
      event.clipboardData?.setData("text/plain", this.text(false));
      event.preventDefault();
    });
  }

  #want(): void {
    const { level, source, pattern, only } = this.bar;
    this.sight.want({ level, source, pattern, only: only && pattern !== null });
    this.#chart.update();
    this.#tell();
  }

  #look(): void {
    this.root.classList.toggle("wrap", this.bar.wrap);
    this.virtual.reset();
  }

  #came(): void {
    this.bar.names(this.shared.store.names, this.shared.store.ids);
    const store = this.shared.store;
    const today = new Date().toDateString() === new Date(store.count ? store.time(store.end - 1) : NaN).toDateString();
    const first = store.count ? new Date(store.time(store.first)).toDateString() === new Date().toDateString() : true;
    this.root.style.setProperty("--time", today && first ? "8ch" : "19ch");
    this.sight.update();
    this.#chart.update();
    this.#state();
    this.#tell();
  }

  #tell(): void {
    const { store } = this.shared;
    const [count, all] = [this.sight.count, store.count];
    const number = (n: number) => n.toLocaleString("en");
    const lines = count === all ? `${number(all)} lines` : `${number(count)} of ${number(all)} lines`;
    this.#count.textContent = lines + (this.sight.done ? "" : ", looking …") + (store.first ? ", older ones forgotten" : "");
    const unseen = this.virtual.following ? 0 : count - this.sight.row(this.#seen);
    this.#more.hidden = unseen <= 0;
    this.#more.textContent = `${number(unseen)} new line${unseen === 1 ? "" : "s"} ↓`;
    this.bar.found(this.sight.wanted.pattern ? this.sight.found : null);
    this.#none.hidden = count > 0 || !this.sight.done;
    this.#none.textContent = all ? "No line is like that." : this.shared.state.name === "live" ? "No lines yet." : "";
  }

  #state(): void {
    const state = this.channel.way === "gone" ? { name: "ended", text: "kernel gone" } : this.shared.told();
    this.bar.state.dataset["state"] = state.name;
    if (this.bar.state.textContent !== state.text) this.bar.state.textContent = this.bar.state.title = state.text;
  }

  #second(): void {
    this.#state();
    if (this.bar.clock === "ago" && this.list.clientHeight) this.virtual.redraw();
  }

  #marked(): void {
    for (const row of this.list.querySelectorAll<HTMLElement>(".row")) this.#paint(row);
    clearTimeout(this.#sending);
    this.#sending = setTimeout(() => {
      const { store } = this.shared;
      const ids: number[] = [];
      for (let row = 0; this.marks.any && row < this.sight.count; row++) {
        const line = this.sight.at(row);
        if (this.marks.has(line) && store.level(line) !== GAP) ids.push(store.id(line));
      }
      this.channel.send({ type: "select" }, [new Float64Array(ids).buffer]);
    }, 200) as unknown as number;
  }

  #paint(row: HTMLElement): void {
    const line = Number(row.dataset["line"]);
    row.setAttribute("aria-selected", String(this.marks.has(line)));
    const cursor = line === this.marks.cursor;
    row.classList.toggle("cursor", cursor);
    if (cursor) this.list.setAttribute("aria-activedescendant", row.id);
  }

  #draw(row: number): HTMLElement {
    const number = this.sight.at(row);
    const { pattern } = this.sight.wanted;
    const { store } = this.shared;
    const drawn = element(store.line(number), { clock: this.bar.clock, names: store.names, pattern, now: Date.now() });
    drawn.id = `${this.channel.client}-${number}`;
    drawn.dataset["line"] = String(number);
    drawn.setAttribute("role", "option");
    drawn.setAttribute("aria-posinset", String(row + 1));
    drawn.setAttribute("aria-setsize", String(this.sight.count));
    this.#paint(drawn);
    return drawn;
  }

  #height(row: number): number {
    if (!this.bar.wrap) return LINE;
    const time = this.bar.clock === "none" ? 0 : 9;
    const columns = Math.max(10, (this.list.clientWidth - 20) / this.#char - time - 6 - 15);
    return LINE * Math.max(1, Math.ceil(this.shared.store.size(this.sight.at(row)) / columns));
  }

  #plain(number: number): string {
    const line = this.shared.store.line(number);
    if (line.level === GAP) return `… ${line.text} lines are missing …`;
    const { names } = this.shared.store;
    const time = told(line.time, this.bar.clock === "ago" ? "local" : this.bar.clock, 0);
    return [time, LEVELS[line.level] ?? "?", names[line.source], plain(line.text)].filter(Boolean).join("  ");
  }
}
