import { expect, test } from "vitest";
import { compare, Sheet } from "../../src/table/sheet";

function sheet(...rows: [string, string[]][]): Sheet {
  const made = new Sheet();
  made.take({ columns: [["name", 0], ["size", 1]], rows });
  return made;
}

const keys = (made: Sheet): string[] => [...made.rows.keys()];

test("a patch changes cells, adds rows and takes them away", () => {
  const made = sheet(["a", ["a", "1"]], ["b", ["b", "2"]]);
  const change = made.take({ gone: ["b"], add: [["c", ["c", "3"], ["stop"]]], set: { a: { "1": ["9", "failed"] } } });
  expect(keys(made)).toEqual(["a", "c"]);
  expect(made.rows.get("a")!.cells).toEqual(["a", ["9", "failed"]]);
  expect(made.rows.get("c")!.actions).toEqual(["stop"]);
  expect(change.gone.map((row) => row.key)).toEqual(["b"]);
  expect([...change.added]).toEqual(["c"]);
  expect([...change.changed.get("a")!]).toEqual([1]);
});

test("actions change without a cell that is pointed out", () => {
  const made = sheet(["a", ["a", "1"]]);
  const change = made.take({ set: { a: { a: ["start"] } } });
  expect(made.rows.get("a")!.actions).toEqual(["start"]);
  expect(change.changed.get("a")!.size).toBe(0);
});

test("an order moves rows, and names of rows that are not there are nothing", () => {
  const made = sheet(["a", ["a", "1"]], ["b", ["b", "2"]]);
  made.take({ order: ["b", "x", "a"], set: { x: { "0": "?" } }, gone: ["y"] });
  expect(keys(made)).toEqual(["b", "a"]);
});

test("a whole table forgets what was", () => {
  const made = sheet(["a", ["a", "1"]]);
  expect(made.take({ rows: [["z", ["z", "0"]]] }).all).toBe(true);
  expect(keys(made)).toEqual(["z"]);
});

test("all words have to be found, anywhere in the row", () => {
  const made = sheet(["a", ["Nginx proxy", "80"]], ["b", ["nginx", "443"]]);
  expect(made.seen("PROXY nginx", -1, false).map((row) => row.key)).toEqual(["a"]);
  expect(made.seen("nginx 4", -1, false).map((row) => row.key)).toEqual(["b"]);
  expect(made.seen("  ", -1, false)).toHaveLength(2);
});

test("sorting leaves the server's own order as it is", () => {
  const made = sheet(["a", ["x", "10"]], ["b", ["y", "9"]], ["c", ["z", "–"]]);
  expect(made.seen("", 1, false).map((row) => row.key)).toEqual(["b", "a", "c"]);
  expect(made.seen("", 1, true).map((row) => row.key)).toEqual(["a", "b", "c"]);
  expect(keys(made)).toEqual(["a", "b", "c"]);
});

test("numbers are compared by size, alone and within text", () => {
  expect(["1,200", "30", "9.5"].sort((one, other) => compare(one, other))).toEqual(["9.5", "30", "1,200"]);
  expect(["web10", "web9"].sort((one, other) => compare(one, other))).toEqual(["web9", "web10"]);
  expect(["–", "b", "a"].sort((one, other) => compare(one, other))).toEqual(["a", "b", "–"]);
});
