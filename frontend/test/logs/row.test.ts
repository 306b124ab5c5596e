import { expect, test } from "vitest";
import { ago, told } from "../../src/logs/clock";
import { pattern } from "../../src/logs/pattern";
import { element } from "../../src/logs/row";

const look = { clock: "none" as const, names: ["web <b>"], pattern: null, now: 0 };
const line = (text: string) => ({ id: 1, time: 0, level: 4, source: 0, text });

test("a line is text, whatever is in it", () => {
  const row = element(line("<b>\x1b[31m<i>\x1b[0m"), look);
  expect(row.querySelector("b, i")).toBeNull();
  expect(row.querySelector(".text")!.textContent).toBe("<b><i>");
  expect(row.querySelector(".source")!.textContent).toBe("web <b>");
});

test("what is found is marked, also across colours", () => {
  const row = element(line("one t\x1b[31mw\x1b[0mo two"), { ...look, pattern: /two/g });
  expect([...row.querySelectorAll("mark")].map((mark) => mark.textContent)).toEqual(["t", "w", "o", "two"]);
  expect(row.querySelector(".c1 mark")!.textContent).toBe("w");
});

test("a pattern that was used before is used from its beginning", () => {
  const used = /one/g;
  used.test("one");
  expect(element(line("one"), { ...look, pattern: used }).querySelectorAll("mark")).toHaveLength(1);
});

test("a pattern that finds nothing anywhere marks nothing", () => {
  expect(element(line("abc"), { ...look, pattern: /x*/g }).querySelector("mark")).toBeNull();
});

test("text is searched as it is, patterns as patterns, and endless ones not at all", () => {
  expect(pattern("a.b(", false, false).pattern!.test("xA.B(x")).toBe(true);
  expect(pattern("a.b", false, true).pattern!.test("A.B")).toBe(false);
  expect(pattern("a.b", true, false).pattern!.test("axb")).toBe(true);
  expect(pattern("(", true, false).wrong).not.toBe("");
  expect(pattern("(a+)+$", true, false)).toMatchObject({ pattern: null });
  expect(pattern("(?:a|b)+c{2}", true, false).wrong).toBe("");
});

test("times are told in UTC, with the day where it is another", () => {
  const now = Date.UTC(2026, 2, 12, 9, 30);
  expect(told(Date.UTC(2026, 2, 12, 8, 5, 7), "utc", now)).toBe("08:05:07");
  expect(told(Date.UTC(2026, 2, 11, 8, 5, 7), "utc", now)).toBe("2026-03-11 08:05:07");
  expect(told(now - 90_000, "ago", now)).toBe("1 min ago");
  expect([ago(0), ago(7_200_000), ago(3e8)]).toEqual(["0 s ago", "2 h ago", "3 d ago"]);
});
