import { expect, test } from "vitest";
import { pieces, plain } from "../../src/logs/ansi";

test.each([
  ["\x1b[31merror:\x1b[0m disk full", "error: disk full"],
  ["10%\r50%\rdone\r", "done"],
  ["a\x1b]0;title\x07b", "ab"],
  ["a\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "alink"],
  ["cut off \x1b[3", "cut off "],
  ["\x1b(Bplain", "plain"],
  ["tab\tstays", "tab\tstays"],
  ["bell\x07 null\x00", "bell␇ null␀"],
  ["\u202egnp", "\ufffdgnp"],
])("%j is read as %j", (text, read) => {
  expect(plain(text)).toBe(read);
  expect(pieces(text).map((piece) => piece.text).join("")).toBe(read);
});

test("the sixteen colours and flags are classes, others are CSS", () => {
  expect(pieces("\x1b[1;31mA\x1b[22;94mB\x1b[39;42mC\x1b[0mD")).toEqual([
    { text: "A", classes: ["bold", "c1"] },
    { text: "B", classes: ["c12"] },
    { text: "C", classes: ["b2"] },
    { text: "D", classes: [] },
  ]);
  expect(pieces("\x1b[38;5;196mA\x1b[48;2;1;2;3mB\x1b[38;5;3mC")).toEqual([
    { text: "A", classes: [], color: "rgb(255,0,0)" },
    { text: "B", classes: [], color: "rgb(255,0,0)", back: "rgb(1,2,3)" },
    { text: "C", classes: ["c3"], back: "rgb(1,2,3)" },
  ]);
});

test("nonsense in a sequence is no harm", () => {
  expect(pieces("\x1b[38;9;;;mA\x1b[999mB\x1b[38;5;999mC").map((piece) => piece.text)).toEqual(["A", "B", "C"]);
  expect(pieces("\x1b[38;2;999;300mA")[0]!.color).toMatch(/^rgb\(\d+,\d+,\d+\)$/);
});

test("a colour set before a carriage return still holds", () => {
  expect(pieces("\x1b[32m10%\r100%")).toEqual([{ text: "100%", classes: ["c2"] }]);
});
