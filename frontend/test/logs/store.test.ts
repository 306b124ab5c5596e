import { expect, test } from "vitest";
import { GAP, KEPT, Store } from "../../src/logs/store";
import { numbered, packed } from "./lines";

const texts = (store: Store): string[] => Array.from({ length: store.count }, (_, row) => store.line(store.first + row).text);

test("has every line with its columns", () => {
  const store = new Store();
  store.add(...packed([{ id: 5, text: "äöü €", time: 1.5e12, level: 4, source: 1 }, { id: 9, text: "" }], [["a", "A"], ["b", "B"]]), true);
  expect(store.line(0)).toEqual({ id: 5, text: "äöü €", time: 1.5e12, level: 4, source: 1 });
  expect(store.line(1).text).toBe("");
  expect(store.names).toEqual(["A", "B"]);
});

test("joins small batches and leaves out what it has", () => {
  const store = new Store();
  for (let at = 1; at < 3000; at += 7) store.add(...packed(numbered(at, 10)), false);
  expect(texts(store)).toEqual(numbered(1, store.count).map((line) => line.text));
});

test("a kernel that tells all again changes nothing but what is new", () => {
  const store = new Store();
  store.add(...packed(numbered(1, 10, () => ({ source: 1 })), [["a", "A"], ["b", "B"]]), true);
  store.add(...packed(numbered(1, 12, () => ({ source: 0 })), [["b", "B"]]), true);
  expect(store.count).toBe(12);
  expect(new Set(Array.from({ length: 12 }, (_, row) => store.names[store.source(row)]))).toEqual(new Set(["B"]));
});

test("forgets the oldest beyond a hundred thousand", () => {
  const store = new Store();
  for (let at = 1; at <= 120_000; at += 5000) store.add(...packed(numbered(at, 5000)), false);
  expect(store.count).toBeGreaterThanOrEqual(KEPT);
  expect(store.count).toBeLessThan(KEPT + 5000);
  expect(store.line(store.first).text).toBe(`line ${store.first + 1}`);
  expect(store.line(store.end - 1).text).toBe("line 120000");
});

test("missing lines take a row of their own", () => {
  const store = new Store();
  store.add(...packed(numbered(1, 2)), true);
  store.add(...packed([{ id: 2, text: "1,000", level: GAP }]), false);
  store.add(...packed(numbered(1003, 1)), false);
  expect(texts(store)).toEqual(["line 1", "line 2", "1,000", "line 1003"]);
});

test("takes about a hundred bytes more than its text for ten lines", () => {
  const store = new Store();
  store.add(...packed(numbered(1, 1000, () => ({ text: "x".repeat(100) }))), true);
  expect(store.bytes / 1000).toBeLessThan(130);
});
