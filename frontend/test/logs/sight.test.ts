import { beforeEach, expect, test, vi } from "vitest";
import { Sight } from "../../src/logs/sight";
import { Store } from "../../src/logs/store";
import { numbered, packed } from "./lines";

let store: Store;
let sight: Sight;

beforeEach(() => {
  store = new Store();
  sight = new Sight(store);
});

const seen = (): string[] => Array.from({ length: sight.count }, (_, row) => store.line(sight.at(row)).text);
const all = { level: 0, source: -1, pattern: null, only: false };

async function add(from: number, count: number): Promise<void> {
  store.add(...packed(numbered(from, count, (n) => ({ level: n % 5, source: n % 2 })), from === 1 ? [["a", "A"], ["b", "B"]] : []), from === 1);
  sight.update();
  await vi.waitFor(() => expect(sight.done).toBe(true));
}

test("all lines at first", async () => {
  await add(1, 5000);
  await add(5001, 10);
  expect(sight.count).toBe(5010);
});

test("level and source, also of lines that come later", async () => {
  await add(1, 100);
  sight.want({ ...all, level: 4, source: 1 });
  await vi.waitFor(() => expect(sight.done).toBe(true));
  expect(seen()).toEqual(["line 9", "line 19", "line 29", "line 39", "line 49", "line 59", "line 69", "line 79", "line 89", "line 99"]);
  await add(101, 10);
  expect(seen().at(-1)).toBe("line 109");
});

test("a pattern is counted, or filters", async () => {
  await add(1, 100);
  sight.want({ ...all, pattern: /line 1\d$/g });
  await vi.waitFor(() => expect(sight.done).toBe(true));
  expect([sight.count, sight.found]).toEqual([100, 10]);
  sight.want({ ...all, pattern: /line 1\d$/g, only: true });
  await vi.waitFor(() => expect(sight.done).toBe(true));
  expect([sight.count, sight.found]).toEqual([10, 10]);
});

test("rows go with the lines that are forgotten", async () => {
  let dropped = 0;
  sight.onDrop = (rows) => (dropped += rows);
  for (let at = 1; at < 130_000; at += 5000) await add(at, 5000);
  expect(dropped).toBe(store.first);
  expect(sight.at(0)).toBe(store.first);
  expect(sight.row(store.end - 1)).toBe(sight.count - 1);
});
