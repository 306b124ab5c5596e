// When the lines in sight came, by level: a bar a span of time, the worst on top of it. A click leads there.
import { GAP, LEVELS, UNKNOWN } from "./store";
import type { Sight } from "./sight";

const BARS = 80;
const HIGH = 26;
/** Milliseconds between two drawings. */
const PACE = 500;
const SVG = "http://www.w3.org/2000/svg";

export class Chart {
  readonly element = document.createElementNS(SVG, "svg");
  #paths = new Map<number, SVGPathElement>();
  #timer = 0;
  #drawn = -PACE;
  #from = 0;
  #span = 1;

  constructor(
    readonly sight: Sight,
    go: (row: number) => void,
  ) {
    this.element.setAttribute("class", "chart");
    this.element.setAttribute("viewBox", `0 0 ${BARS} ${HIGH}`);
    this.element.setAttribute("preserveAspectRatio", "none");
    this.element.setAttribute("role", "img");
    for (let level = 0; level <= UNKNOWN; level++) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", `l${level}`);
      this.#paths.set(level, path);
      this.element.append(path);
    }
    this.element.addEventListener("click", (event) => {
      const box = this.element.getBoundingClientRect();
      const time = this.#from + ((event.clientX - box.left) / box.width) * this.#span;
      go(this.#rowAt(time));
    });
  }

  /** Something came or went. */
  update(): void {
    const wait = Math.max(20, this.#drawn + PACE - performance.now());
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.#drawn = this.sight.count ? performance.now() : -PACE;
      this.draw();
    }, wait) as unknown as number;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  draw(): void {
    const { sight } = this;
    const { store } = sight;
    const bars = Array.from({ length: UNKNOWN + 1 }, () => new Uint32Array(BARS));
    const totals = new Uint32Array(UNKNOWN + 1);
    this.#from = sight.count ? store.time(sight.at(0)) : 0;
    this.#span = Math.max(1, sight.count ? store.time(sight.at(sight.count - 1)) - this.#from : 1);
    for (let row = 0; row < sight.count; row++) {
      const line = sight.at(row);
      const level = store.level(line);
      if (level === GAP) continue;
      const bar = Math.floor(((store.time(line) - this.#from) / this.#span) * (BARS - 1));
      bars[level]![Math.min(BARS - 1, Math.max(0, bar))]!++;
      totals[level]!++;
    }
    this.#paint(bars);
    const told = [...totals.keys()].filter((level) => totals[level]).reverse();
    const words = told.map((level) => `${totals[level]!.toLocaleString("en")} ${LEVELS[level] ?? "of an unknown level"}`);
    this.element.setAttribute("aria-label", `Lines over time: ${words.join(", ") || "none"}`);
  }

  #paint(bars: Uint32Array[]): void {
    const all = Array.from({ length: BARS }, (_, bar) => bars.reduce((sum, level) => sum + level[bar]!, 0));
    const most = Math.max(1, ...all);
    const below = new Float64Array(BARS);
    for (const [level, path] of this.#paths) {
      let d = "";
      for (let bar = 0; bar < BARS; bar++) {
        const count = bars[level]![bar]!;
        if (!count) continue;
        // A bar is as high as the root of its count: a few lines, and one error among many, are still to be seen.
        const high = Math.max(1.5, (Math.sqrt(all[bar]! / most) * (HIGH - 4) * count) / all[bar]!);
        d += `M${bar + 0.1} ${HIGH - below[bar]!}v${-high}h.8v${high}z`;
        below[bar]! += high;
      }
      path.setAttribute("d", d);
    }
  }

  #rowAt(time: number): number {
    let [low, high] = [0, this.sight.count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sight.store.time(this.sight.at(middle)) < time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low);
  }
}
