// What is measured, as the kernel tells it, and its recent past. Keeps no element.

export interface Item {
  key: string;
  name: string;
  value: string;
  number: number | null;
  unit: string;
  /** The share it names, also beside other numbers: of 2/8 GiB (25%) it is 25. */
  percent: number | null;
  error: string;
  at: number | null;
  age: number | null;
}

export interface Told {
  order?: string[];
  past?: Record<string, number[]>;
  warn_at?: number;
  items?: Item[];
  state?: { name: string; why: string; retry: number | null };
}

const POINTS = 120;

export interface Held extends Item {
  past: number[];
  /** When it was collected, by this page's clock; NaN for never. */
  since: number;
}

export class Items {
  warnAt = 90;
  #held = new Map<string, Held>();
  #order: string[] = [];

  take(told: Told, now: number): void {
    this.warnAt = told.warn_at ?? this.warnAt;
    if (told.order) {
      this.#order = told.order;
      for (const key of this.#held.keys()) if (!told.order.includes(key)) this.#held.delete(key);
    }
    for (const item of told.items ?? []) {
      const before = this.#held.get(item.key);
      const past = told.past?.[item.key] ?? before?.past ?? [];
      const drawn = item.percent ?? item.number;
      if (!told.past && drawn !== null && item.at !== before?.at) past.push(drawn);
      if (past.length > POINTS) past.splice(0, past.length - POINTS);
      this.#held.set(item.key, { ...item, past, since: item.age === null ? NaN : now - item.age * 1000 });
    }
  }

  list(): Held[] {
    return this.#order.flatMap((key) => this.#held.get(key) ?? []);
  }

  /** Whether a value is one to look after: a share that is high. */
  high(item: Item): boolean {
    return item.percent !== null && item.percent >= this.warnAt;
  }
}

/** A line through the points, in a box of that size; from zero, so that small changes look small. */
export function path(points: number[], width: number, height: number, full?: number): string {
  if (points.length < 2) return "";
  const top = full ?? (Math.max(...points, 0) || 1);
  const bottom = Math.min(...points, 0);
  const span = top - bottom || 1;
  return points
    .map((value, at) => {
      const x = (at / (points.length - 1)) * width;
      const y = height - ((Math.min(value, top) - bottom) / span) * height;
      return `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

export function age(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return "never";
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
