import { expect, test } from "vitest";
import { age, Items, path, type Item } from "../../src/metadata/items";

const item = (number: number | null, at: number, unit = "%"): Item => ({
  key: "cpu", name: "CPU", value: `${number}${unit}`, number, unit, percent: unit === "%" ? number : null, error: "", at, age: 2,
});

test("values become the past, each measurement once", () => {
  const items = new Items();
  items.take({ order: ["cpu"], past: { cpu: [1] }, items: [item(1, 0)] }, 10_000);
  items.take({ items: [item(2, 5)] }, 15_000);
  items.take({ items: [item(2, 5)] }, 16_000);
  const [held] = items.list();
  expect(held!.past).toEqual([1, 2]);
  expect(held!.since).toBe(14_000);
});

test("the past is bounded", () => {
  const items = new Items();
  items.take({ order: ["cpu"], past: { cpu: [] }, items: [] }, 0);
  for (let at = 0; at < 500; at++) items.take({ items: [item(at, at)] }, 0);
  expect(items.list()[0]!.past).toHaveLength(120);
  expect(items.list()[0]!.past.at(-1)).toBe(499);
});

test("what the template no longer declares goes", () => {
  const items = new Items();
  items.take({ order: ["cpu"], items: [item(1, 0)] }, 0);
  items.take({ order: [] }, 0);
  expect(items.list()).toEqual([]);
});

test("only shares can be too high", () => {
  const items = new Items();
  items.take({ warn_at: 80 }, 0);
  expect([item(80, 0), item(79.9, 0), item(99, 0, "GiB"), item(null, 0)].map((one) => items.high(one))).toEqual([true, false, false, false]);
});

test("a line begins with two points, at the bottom for zero and at the top for full", () => {
  expect(path([5], 100, 20)).toBe("");
  expect(path([0, 50, 100], 100, 20, 100)).toBe("M0.0 20.0L50.0 10.0L100.0 0.0");
  expect(path([0, 0], 100, 20)).toBe("M0.0 20.0L100.0 20.0");
});

test("an age is told in its largest unit", () => {
  expect([NaN, -5, 119_000, 300_000, 7_200_000, 200_000_000].map(age)).toEqual(["never", "0 s", "119 s", "5 min", "2 h", "2 d"]);
});
