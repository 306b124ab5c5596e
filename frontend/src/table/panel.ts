// A live table in the page: rows that come, change and go, sorting and finding, and what can be done with a row.
import { banner } from "../lib/banner";
import type { Batch, Channel } from "../lib/channel";
import { h, link, root } from "../lib/dom";
import { follow } from "../lib/theme";
import { type Cell, type Change, type Row, type Told, Sheet, text } from "./sheet";
import { STYLE, tone } from "./style";

const MOMENT = 2_000;

interface State {
  name: string;
  why: string;
  until: number | null;
}

/** What all views of one model share. */
export class Shared {
  sheet = new Sheet();
  state: State = { name: "connecting", why: "", until: null };
  fresh = 0;
  #panels = new Set<Panel>();

  constructor(readonly channel: Channel) {
    channel.onBatch((body) => this.#take(body as Told));
    channel.onSay((body) => this.#say(body));
  }

  enter(panel: Panel): () => void {
    this.#panels.add(panel);
    return () => void this.#panels.delete(panel);
  }

  #take(told: Told): void {
    if (told.state) {
      const { name, why, retry } = told.state;
      if (this.state.name === "live" && name !== "live") this.fresh = Date.now();
      this.state = { name, why, until: retry === null ? null : Date.now() + retry * 1000 };
    }
    if (this.state.name === "live") this.fresh = Date.now();
    const change = this.sheet.take(told);
    for (const panel of this.#panels) panel.came(change);
  }

  #say(body: Batch): void {
    const row = this.sheet.rows.get(String(body["key"]));
    if (row) row.error = String(body["error"] ?? "");
    for (const panel of this.#panels) panel.answered(String(body["key"]));
  }
}

export class Panel {
  readonly root: HTMLElement;
  #filter = h("input", { type: "search", placeholder: "Filter", "aria-label": "Filter rows", spellcheck: "false" });
  #count = h("span", { class: "faint", "aria-live": "polite" });
  #state = h("span", { class: "state", role: "status" });
  #head = h("tr");
  #body = h("tbody");
  #none = h("div", { class: "none" });
  #by = -1;
  #down = false;
  #asking = "";
  #doing = new Set<string>();
  #moments = new Map<string, { until: number; cells: Set<number> | null }>();
  #left = new Map<string, { row: Row; until: number }>();
  #ends: (() => void)[] = [];
  #tick: number;
  #again = 0;

  constructor(
    el: HTMLElement,
    readonly shared: Shared,
    readonly channel: Channel,
    title: string,
  ) {
    this.root = root(el, "table", STYLE);
    this.root.dataset["lmSuppressShortcuts"] = "true";
    const [note, unnote] = banner(channel, { busy: "" });
    const table = h("table", { "aria-label": title }, h("thead", {}, this.#head), this.#body);
    this.root.append(
      h("div", { class: "bar", role: "toolbar", "aria-label": title }, h("b", {}, title), this.#filter, this.#count, this.#state),
      note,
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table),
      this.#none,
    );
    this.#filter.addEventListener("input", () => this.#draw());
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.#ends.push(unnote, follow(this.root), shared.enter(this), channel.onWay(() => this.#say()));
    this.#tick = setInterval(() => this.#say(), 1000) as unknown as number;
    this.came({ all: true, added: new Set(), changed: new Map(), gone: [] });
  }

  close(): void {
    for (const end of this.#ends) end();
    clearInterval(this.#tick);
    clearTimeout(this.#again);
    this.root.remove();
  }

  came(change: Change): void {
    const until = Date.now() + MOMENT;
    if (change.all) this.#heads();
    for (const key of change.added) this.#moments.set(key, { until, cells: null });
    for (const [key, cells] of change.changed) {
      this.#moments.set(key, { until, cells });
      if (this.#doing.delete(key)) this.#asking = "";
    }
    for (const row of change.gone) this.#left.set(row.key, { row, until });
    this.#draw();
    this.#say();
  }

  answered(key: string): void {
    this.#doing.delete(key);
    this.#draw();
  }

  #heads(): void {
    const { columns, actions } = this.shared.sheet;
    this.#head.replaceChildren(
      ...columns.map(([name, right], at) => {
        const button = h("button", { title: `Sort by ${name}`, click: () => this.#sort(at) }, name);
        return h("th", { scope: "col", class: right ? "right" : "", "aria-sort": "none" }, button);
      }),
      ...(Object.keys(actions).length ? [h("th", { scope: "col" }, h("span", { class: "faint" }, ""))] : []),
    );
  }

  #sort(at: number): void {
    if (this.#by !== at) [this.#by, this.#down] = [at, false];
    else if (!this.#down) this.#down = true;
    else [this.#by, this.#down] = [-1, false];
    this.#draw();
  }

  #draw(): void {
    const { sheet } = this.shared;
    const now = Date.now();
    const rows = sheet.seen(this.#filter.value, this.#by, this.#down);
    for (const [key, moment] of this.#moments) if (moment.until <= now) this.#moments.delete(key);
    for (const [key, left] of this.#left) if (left.until <= now || sheet.rows.has(key)) this.#left.delete(key);
    [...this.#head.children].forEach((th, at) => {
      if (at >= sheet.columns.length) return;
      const sorted = at === this.#by ? (this.#down ? "descending" : "ascending") : "none";
      th.setAttribute("aria-sort", sorted);
      const mark = sorted === "none" ? "" : this.#down ? " ▼" : " ▲";
      th.firstElementChild!.textContent = `${sheet.columns[at]![0]}${mark}`;
    });
    const focused = this.#focused();
    this.#body.replaceChildren(...rows.map((row) => this.#row(row)), ...[...this.#left.values()].map(({ row }) => this.#gone(row)));
    if (focused) this.#body.querySelector<HTMLElement>(focused)?.focus();
    const all = sheet.rows.size;
    this.#count.textContent = this.#filter.value ? `${rows.length} of ${all}` : `${all}`;
    this.#none.hidden = rows.length > 0 || this.#left.size > 0;
    this.#none.textContent = all ? "no row has that" : sheet.empty;
    clearTimeout(this.#again);
    if (this.#moments.size || this.#left.size) this.#again = setTimeout(() => this.#draw(), MOMENT / 2) as unknown as number;
  }

  /** What has the focus within the rows, as a selector: rows are drawn anew. */
  #focused(): string {
    const id = (document.activeElement as HTMLElement | null)?.dataset?.["id"];
    return id && this.root.contains(document.activeElement) ? `[data-id=${JSON.stringify(id)}]` : "";
  }

  #row(row: Row): HTMLElement {
    const moment = this.#moments.get(row.key);
    const cells = row.cells.map((cell, at) => {
      const changed = moment?.cells?.has(at) ? " changed" : "";
      const right = this.shared.sheet.columns[at]?.[1] ? " right" : "";
      return h("td", { class: `${changed}${right}`.trim() }, content(cell));
    });
    const acts = Object.keys(this.shared.sheet.actions).length ? [h("td", { class: "acts" }, ...this.#acts(row))] : [];
    return h("tr", { class: moment && !moment.cells ? "new" : "", "data-key": row.key }, ...cells, ...acts);
  }

  #gone(row: Row): HTMLElement {
    const acts = Object.keys(this.shared.sheet.actions).length ? [h("td")] : [];
    return h("tr", { class: "left", "data-key": row.key }, ...row.cells.map((cell) => h("td", {}, text(cell))), ...acts);
  }

  #acts(row: Row): HTMLElement[] {
    if (this.#doing.has(row.key)) return [h("span", { class: "faint", role: "status" }, "asked for …")];
    const shown = row.actions.map((name) => {
      const id = `${name} ${row.key}`;
      const [label, asks] = this.shared.sheet.actions[name] ?? [name, ""];
      if (this.#asking !== id) return h("button", { "data-id": id, click: () => this.#ask(id) }, label);
      return h("span", { class: "asks", role: "alert" }, asks,
        h("button", { "data-id": `yes ${id}`, click: () => this.#do(name, row.key) }, label),
        h("button", { "data-id": `no ${id}`, click: () => this.#ask("") }, "Leave it"));
    });
    return row.error ? [...shown, h("div", { class: "error", role: "alert" }, row.error)] : shown;
  }

  #ask(id: string): void {
    const before = this.#asking;
    this.#asking = id;
    this.#draw();
    // The answer that changes nothing is the one at hand.
    this.#body.querySelector<HTMLElement>(`[data-id=${JSON.stringify(id ? `no ${id}` : before)}]`)?.focus();
  }

  #do(action: string, key: string): void {
    this.#asking = "";
    const row = this.shared.sheet.rows.get(key);
    if (row) row.error = "";
    if (this.channel.send({ type: "do", action, key })) this.#doing.add(key);
    this.#draw();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#asking) {
      event.stopPropagation();
      this.#ask("");
    } else if (event.key === "/" && event.target !== this.#filter) {
      event.preventDefault();
      this.#filter.focus();
    }
  }

  #say(): void {
    const { state, fresh } = this.shared;
    const live = state.name === "live" && this.channel.way !== "gone";
    const name = this.channel.way === "gone" ? "ended" : state.name;
    const left = state.until === null ? 0 : Math.max(0, Math.round((state.until - Date.now()) / 1000));
    const when = name === "reconnecting" && left ? ` in ${left} s` : "";
    const as = !live && fresh ? ` · as of ${new Date(fresh).toLocaleTimeString()}` : "";
    this.#state.dataset["state"] = name;
    this.#state.textContent = `${name}${when}${as}`;
    this.#state.title = state.why;
    this.root.classList.toggle("stale", !live && fresh > 0);
  }
}

function content(cell: Cell): Node | string {
  if (typeof cell === "string") return cell;
  const [said, word, url] = cell;
  if (url) return link(url, said);
  return h("span", { class: tone(word) }, said);
}
