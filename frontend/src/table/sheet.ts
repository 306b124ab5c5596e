// A table as the kernel tells it: whole once, then what has changed. Keeps no element.

export type Cell = string | [text: string, tone: string, url?: string];
export type Column = [name: string, right: number];
export type Sent = [key: string, cells: Cell[], actions?: string[]];

export interface Told {
  columns?: Column[];
  rows?: Sent[];
  empty?: string;
  actions?: Record<string, [label: string, asks: string]>;
  gone?: string[];
  add?: Sent[];
  set?: Record<string, Record<string, Cell | string[]>>;
  order?: string[];
  state?: { name: string; why: string; retry: number | null };
}

export interface Row {
  key: string;
  cells: Cell[];
  actions: string[];
  error: string;
}

/** What a change did, for who draws it. */
export interface Change {
  all: boolean;
  added: Set<string>;
  changed: Map<string, Set<number>>;
  gone: Row[];
}

export const text = (cell: Cell): string => (typeof cell === "string" ? cell : cell[0]);

export class Sheet {
  columns: Column[] = [];
  rows = new Map<string, Row>();
  empty = "";
  actions: Record<string, [label: string, asks: string]> = {};

  take(told: Told): Change {
    const change: Change = { all: false, added: new Set(), changed: new Map(), gone: [] };
    if (told.rows) {
      change.all = true;
      this.columns = told.columns ?? this.columns;
      this.empty = told.empty ?? "";
      this.actions = told.actions ?? {};
      this.rows = new Map(told.rows.map((sent) => [sent[0], row(sent)]));
      return change;
    }
    for (const key of told.gone ?? []) {
      const old = this.rows.get(key);
      if (old) change.gone.push(old);
      this.rows.delete(key);
    }
    for (const sent of told.add ?? []) {
      this.rows.set(sent[0], row(sent));
      change.added.add(sent[0]);
    }
    for (const [key, cells] of Object.entries(told.set ?? {})) {
      const old = this.rows.get(key);
      if (!old) continue;
      const at = new Set<number>();
      for (const [name, cell] of Object.entries(cells)) {
        if (name === "a") old.actions = cell as string[];
        else {
          old.cells[Number(name)] = cell as Cell;
          at.add(Number(name));
        }
      }
      change.changed.set(key, at);
    }
    if (told.order) {
      const rows = this.rows;
      this.rows = new Map(told.order.flatMap((key) => (rows.has(key) ? [[key, rows.get(key)!]] : [])));
    }
    return change;
  }

  /** The rows in which all words are found, sorted by a column, or as the server has them. */
  seen(filter: string, by: number, down: boolean): Row[] {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [...this.rows.values()].filter((one) => {
      const whole = one.cells.map(text).join(" ").toLowerCase();
      return words.every((word) => whole.includes(word));
    });
    if (by >= 0) found.sort((one, other) => compare(text(one.cells[by] ?? NONE), text(other.cells[by] ?? NONE), down));
    return found;
  }
}

const row = ([key, cells, actions]: Sent): Row => ({ key, cells: [...cells], actions: actions ?? [], error: "" });

/** What stands for a value that is not there. */
const NONE = "–";

/** Numbers by size, within text too; what is not there comes last, up or down. */
export function compare(one: string, other: string, down = false): number {
  if (one === other) return 0;
  if (one === NONE || other === NONE) return one === NONE ? 1 : -1;
  const [a, b] = [amount(one), amount(other)];
  const order = Number.isNaN(a) || Number.isNaN(b) ? one.localeCompare(other, undefined, { numeric: true }) : a - b;
  return down ? -order : order;
}

const amount = (text: string): number => (/^-?[\d,]*\.?\d+%?$/.test(text) ? Number(text.replace(/[,%]/g, "")) : NaN);
