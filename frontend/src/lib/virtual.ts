// A list of any length with only the rows in sight in the page. Rows may have any height: each is estimated first and
// measured once it is drawn, and what is in sight stays where it is. Knows nothing about what is in a row.
import { Heights } from "./heights";
import { h } from "./dom";

/** What a browser draws at most; more is scrolled through in proportion. */
const TALLEST = 15_000_000;
/** Rows in the page at most. */
const MOST = 250;
const BEYOND = 8;

export interface Rows {
  count(): number;
  /** Pixels, as far as can be told without drawing it. */
  height(row: number): number;
  draw(row: number): HTMLElement;
}

export class Virtual {
  /** Whether the end stays in sight as rows come. */
  following = true;
  /** Told when scrolling began or ended that. */
  onFollow = (_following: boolean): void => {};
  #block = h("div", { class: "rows", role: "presentation" });
  #space = h("div", { class: "space", role: "presentation" }, this.#block);
  #heights = new Heights();
  #drawn = new Map<number, HTMLElement>();
  #frame = 0;
  #set = -1;
  #blind = 0;
  #observer: ResizeObserver | undefined;
  #width = 0;

  constructor(
    readonly scroller: HTMLElement,
    readonly rows: Rows,
  ) {
    scroller.style.overflowAnchor = "none";
    this.#space.style.cssText = "position:relative;overflow:visible clip;min-height:100%";
    this.#block.style.cssText = "position:absolute;inset:0 0 auto 0;min-width:100%";
    scroller.append(this.#space);
    scroller.addEventListener("scroll", this.#scrolled, { passive: true });
    if (typeof ResizeObserver !== "undefined") {
      this.#observer = new ResizeObserver(() => {
        // A width of 0 is that of a hidden output: nothing can be measured in it.
        if (scroller.clientWidth === 0) return;
        if (scroller.clientWidth !== this.#width) this.reset();
        else this.schedule();
      });
      this.#observer.observe(scroller);
    }
  }

  /** Rows in the page. */
  get drawn(): number {
    return this.#drawn.size;
  }

  /** All rows may be others now. */
  reset(): void {
    this.#width = this.scroller.clientWidth;
    this.#heights.clear();
    this.#forget();
    this.grew();
  }

  /** There are more rows at the end. */
  grew(): void {
    for (let row = this.#heights.length; row < this.rows.count(); row++) this.#heights.add(this.rows.height(row));
    this.schedule();
  }

  /** That many rows at the front are no longer there. */
  dropped(count: number): void {
    if (!count) return;
    const gone = this.#heights.top(count);
    this.#heights.drop(count);
    const kept = [...this.#drawn].filter(([row]) => row >= count).map(([row, element]) => [row - count, element] as const);
    for (const [row, element] of this.#drawn) if (row < count) element.remove();
    this.#drawn = new Map(kept);
    if (!this.following) this.#scroll(Math.max(0, this.scroller.scrollTop - gone));
    this.schedule();
  }

  /** The same rows look different. */
  redraw(): void {
    this.#forget();
    this.schedule();
  }

  follow(following: boolean): void {
    if (following !== this.following) {
      this.following = following;
      this.onFollow(following);
    }
    this.schedule();
  }

  /** Brings a row into sight, in the middle unless it is in sight already. */
  show(row: number): void {
    this.follow(false);
    const [top, height, view] = [this.#heights.top(row), this.#heights.at(row), this.scroller.clientHeight];
    const at = this.#offset();
    if (top < at || top + height > at + view) this.#scroll(this.#place(Math.max(0, top - (view - height) / 2)));
    this.render();
  }

  /** The rows in sight, first and last. */
  inSight(): [number, number] {
    const at = this.#offset();
    return [this.#heights.find(at), this.#heights.find(at + this.scroller.clientHeight - 1)];
  }

  schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.render();
    });
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer?.disconnect();
    this.scroller.removeEventListener("scroll", this.#scrolled);
    this.#space.remove();
  }

  /** Draws what is in sight. */
  render(): void {
    if (this.scroller.clientHeight === 0) {
      // Hidden: the observer tells when it is not. JupyterLab hides all for a moment, too short for that, at a new theme.
      if (this.#blind++ < 20) this.schedule();
      return;
    }
    this.#blind = 0;
    // Measuring what was estimated may bring other rows into sight.
    for (let turn = 0; turn < 4 && this.#pass(); turn++);
  }

  #pass(): boolean {
    const [heights, view] = [this.#heights, this.scroller.clientHeight];
    this.#space.style.height = `${Math.min(heights.total, TALLEST)}px`;
    if (this.following) this.#scroll(Math.max(0, Math.min(heights.total, TALLEST) - view));
    const at = this.following ? Math.max(0, heights.total - view) : this.#offset();
    if (!heights.length) {
      this.#forget();
      return false;
    }
    const top = heights.find(at);
    const first = Math.max(0, top - BEYOND);
    const last = Math.min(heights.find(at + view) + BEYOND, heights.length - 1, first + MOST - 1);
    this.#draw(first, last);
    const before = heights.top(top);
    const changed = this.#measure();
    // The row at the top stays where it was, whatever those above it turned out to be.
    if (changed && !this.following) this.#scroll(this.#place(at + heights.top(top) - before));
    const shift = this.following ? Math.max(0, heights.total - view) : this.#offset();
    this.#block.style.transform = `translateY(${this.scroller.scrollTop - (shift - heights.top(first))}px)`;
    return changed;
  }

  #draw(first: number, last: number): void {
    for (const [row, element] of this.#drawn) {
      if (row < first || row > last) {
        element.remove();
        this.#drawn.delete(row);
      }
    }
    let next: ChildNode | null = this.#block.firstChild;
    for (let row = first; row <= last; row++) {
      let element = this.#drawn.get(row);
      if (!element) {
        element = this.rows.draw(row);
        this.#drawn.set(row, element);
        this.#block.insertBefore(element, next);
      } else next = element.nextSibling;
    }
  }

  #measure(): boolean {
    let changed = false;
    for (const [row, element] of this.#drawn) {
      const height = element.getBoundingClientRect().height;
      if (height && Math.abs(height - this.#heights.at(row)) > 0.5) {
        this.#heights.set(row, height);
        changed = true;
      }
    }
    return changed;
  }

  #forget(): void {
    this.#drawn.clear();
    this.#block.replaceChildren();
  }

  /** How far down the list the scroll position is. */
  #offset(): number {
    const [total, view] = [this.#heights.total, this.scroller.clientHeight];
    if (total <= TALLEST) return this.scroller.scrollTop;
    return (this.scroller.scrollTop / (TALLEST - view)) * (total - view);
  }

  #place(offset: number): number {
    const [total, view] = [this.#heights.total, this.scroller.clientHeight];
    return total <= TALLEST ? offset : (offset / (total - view)) * (TALLEST - view);
  }

  #scroll(to: number): void {
    this.scroller.scrollTop = to;
    this.#set = this.scroller.scrollTop;
  }

  #scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (Math.abs(scrollTop - this.#set) > 1) {
      this.#set = -1;
      const following = scrollTop + clientHeight >= scrollHeight - 4;
      if (following !== this.following) {
        this.following = following;
        this.onFollow(following);
      }
    }
    this.schedule();
  };
}
