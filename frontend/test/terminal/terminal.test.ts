import { expect, test } from "vitest";
import { title, words } from "../../src/terminal/bar";
import { Keys, PIECE, harmless } from "../../src/terminal/keys";
import { Output } from "../../src/terminal/output";
import type { Phase } from "../../src/terminal/wire";

const bytes = (text: string) => new TextEncoder().encode(text);

function output() {
  const shown: string[] = [];
  const told: number[] = [];
  const asked: number[] = [];
  const drawn: (() => void)[] = [];
  const sink = {
    write: (data: Uint8Array | string, done: () => void) => {
      shown.push(typeof data === "string" ? data : new TextDecoder().decode(data));
      drawn.push(done);
    },
  };
  const it = new Output(sink, (at) => told.push(at), (at) => asked.push(at));
  return { it, shown, told, asked, draw: () => drawn.splice(0).forEach((done) => done()) };
}

test("output before the welcome is for others", () => {
  const { it, shown } = output();
  it.take(50, 0, bytes("later"));
  expect(shown).toEqual([]);
  it.begin(10);
  it.take(10, 0, bytes("first"));
  expect(shown).toEqual(["first"]);
});

test("what is known already is not shown again", () => {
  const { it, shown, asked } = output();
  it.begin(0);
  it.take(0, 0, bytes("hello"));
  it.take(0, 0, bytes("hello world"));
  it.take(3, 0, bytes("lo"));
  expect(shown.join("")).toBe("hello world");
  expect(asked).toEqual([]);
});

test("what is missing is asked for, and what nobody has any more is said", () => {
  const { it, shown, asked } = output();
  it.begin(0);
  it.take(5, 0, bytes("world"));
  expect(shown).toEqual([]);
  expect(asked).toEqual([0]);
  it.take(5, 5, bytes("world"));
  expect(shown.join("")).toContain("[5 bytes of output are no longer kept]");
  expect(shown.at(-1)).toBe("world");
});

test("what is drawn is told in order, in pieces", () => {
  const { it, told, shown, draw } = output();
  it.begin(7);
  it.take(7, 0, new Uint8Array(150_000));
  expect(shown.length).toBe(3);
  expect(told).toEqual([]);
  draw();
  expect(told).toEqual([7 + 65536, 7 + 131072, 7 + 150_000]);
  expect(it.drawn).toBe(it.next);
});

function keys() {
  const sent: [number, string, boolean][] = [];
  const way = { pending: 0, keys: (n: number, text: string, wait: boolean) => void sent.push([n, text, wait]) };
  return { it: new Keys(way), sent, way };
}

test("keys go one by one, and together while the kernel is busy", () => {
  const { it, sent, way } = keys();
  it.type("a");
  way.pending = 2;
  it.type("b");
  it.type("c");
  expect(sent).toEqual([[1, "a", false]]);
  way.pending = 0;
  it.flow();
  expect(sent[1]).toEqual([2, "bc", false]);
});

test("a paste goes in pieces, each after the one before, and no character is cut", () => {
  const { it, sent } = keys();
  const text = "x".repeat(PIECE - 1) + "🎉" + "y".repeat(PIECE);
  it.type(text);
  for (let n = 1; n < 4; n++) it.typed(n);
  expect(sent.map(([, piece]) => piece).join("")).toBe(text);
  expect(sent[0]?.[1].length).toBe(PIECE - 1);
  expect(sent.length).toBe(3);
});

test("Ctrl-C ends a paste that is still on its way", () => {
  const { it, sent } = keys();
  it.type("x".repeat(3 * PIECE));
  it.type("\x03");
  expect(sent.length).toBe(1);
  it.typed(1);
  expect(sent.at(-1)?.[1]).toBe("\x03");
  expect(it.queued).toBe(0);
});

test("lone halves of characters become a mark", () => {
  const { it, sent } = keys();
  it.type("a\ud83d");
  expect(sent[0]?.[1]).toBe("a\ufffd");
});

test("nothing in a pasted text ends the paste", () => {
  expect(harmless("a\x1b[201~b\x9b201~")).not.toMatch(/[\x1b\x9b]/);
});

test("a title has nothing in it that is not printed, and an end", () => {
  expect(title("a\x1b\u202eb\u2028c")).toBe("abc");
  expect(title("x".repeat(500)).length).toBe(80);
});

test("states are said in words", () => {
  const phase: Phase = { name: "live", why: "", retry_at: null, session: "s", container: "" };
  const state = { phase, gone: false, late: false, places: [], again: "" };
  expect(words(state)).toEqual({ short: "live", long: "" });
  expect(words({ ...state, late: true }).long).toBe("Kernel busy: input queued.");
  expect(words({ ...state, gone: true }).long).toContain("five minutes");
  const broken: Phase = { ...phase, name: "reconnecting", why: "it broke", retry_at: 12.5 };
  expect(words({ ...state, phase: broken }, 10_000).long).toBe("it broke; trying again in 3 s.");
  expect(words({ ...state, phase: { ...phase, name: "ended", why: "its program has ended" } }).long).toBe(
    "Session ended: its program has ended.",
  );
});
