import { beforeEach, expect, test } from "vitest";
import { h } from "../../src/lib/dom";
import { Virtual } from "../../src/lib/virtual";

let scroller: HTMLElement;

beforeEach(() => {
  scroller = h("div");
  document.body.replaceChildren(scroller);
  for (const [name, size] of [["clientHeight", 300], ["clientWidth", 500]] as const) {
    Object.defineProperty(scroller, name, { value: size });
  }
});

function list(count: () => number): Virtual {
  const rows = { count, height: () => 20, draw: (row: number) => h("p", {}, `row ${row}`) };
  const virtual = new Virtual(scroller, rows);
  virtual.reset();
  virtual.render();
  return virtual;
}

const drawn = (): string[] => [...scroller.querySelectorAll("p")].map((row) => row.textContent ?? "");

test("draws only what is in sight, the end at first", () => {
  const virtual = list(() => 100_000);
  expect(virtual.drawn).toBeLessThan(40);
  expect(drawn().at(-1)).toBe("row 99999");
});

test("stays where it is when rows come and it does not follow", () => {
  let count = 1000;
  const virtual = list(() => count);
  virtual.show(500);
  const before = drawn();
  expect(before).toContain("row 500");
  count = 1500;
  virtual.grew();
  virtual.render();
  expect(drawn()).toEqual(before);
  virtual.follow(true);
  virtual.render();
  expect(drawn().at(-1)).toBe("row 1499");
});

test("keeps rows in sight when others go at the front", () => {
  let [count, offset] = [1000, 0];
  const rows = { count: () => count, height: () => 20, draw: (row: number) => h("p", {}, `row ${row + offset}`) };
  const virtual = new Virtual(scroller, rows);
  virtual.reset();
  virtual.show(500);
  const before = drawn();
  [count, offset] = [900, 100];
  virtual.dropped(100);
  virtual.render();
  expect(drawn()).toEqual(before);
});

test("draws rows in order when scrolled to and fro", () => {
  const virtual = list(() => 1000);
  for (const row of [500, 490, 510, 10, 0, 999]) {
    virtual.show(row);
    const numbers = drawn().map((text) => Number(text.slice(4)));
    expect(numbers).toContain(row);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  }
});

test("has nothing in it when there is nothing", () => {
  list(() => 0);
  expect(drawn()).toEqual([]);
});
