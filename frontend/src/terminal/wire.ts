// What a terminal and its page say to each other. Output is numbered by byte, input by message.
//
// Output comes on the widget's own model; all that a page says goes by a second one, on which only answers come back:
// a kernel takes a message where it last sent from, and while it streams that would be the thread a cell holds up.

/** Of all bytes the terminal ever said, one message's: `at` is the number of the first. */
export interface Out {
  kind: "out";
  at: number;
  /** Bytes before `at` that nobody has any more. */
  lost: number;
}

/** The answer to a hello: the number of the first byte this view is going to get. */
export interface Welcome {
  kind: "welcome";
  view: string;
  at: number;
}

/** A piece of what was pasted is on its way; the next may come. */
export interface Typed {
  kind: "typed";
  view: string;
  n: number;
}

/** The big bundle, gzipped, in the message's buffer. */
export interface Bundle {
  kind: "bundle";
  hash: string;
}

export type FromKernel = Out | Welcome | Typed | Bundle;

export type ToKernel =
  | { kind: "bundle"; hash: string }
  | { kind: "hello"; view: string; at: number | null; columns: number; rows: number }
  | { kind: "bye"; view: string }
  /** All before `at` is drawn, and all before `come` is here; said now and then too when nothing comes, so that the kernel knows it is there. */
  | { kind: "drawn"; view: string; at: number; come: number }
  | { kind: "keys"; view: string; n: number; text: string; wait: boolean }
  | { kind: "size"; view: string; columns: number; rows: number }
  | { kind: "redraw"; view: string }
  | { kind: "restart"; view: string }
  | { kind: "move"; view: string; container: string }
  | { kind: "screen"; view: string; lines: string[] }
  /** Nothing: a second message lets the answer to the first come sooner. */
  | { kind: "nudge" };

/** How far the terminal is; the same words as in Python. */
export interface Phase {
  name: "idle" | "connecting" | "live" | "reconnecting" | "ended";
  why: string;
  /** Seconds since 1970. */
  retry_at: number | null;
  /** The id by which one can attach again. */
  session: string;
  container: string;
}

export interface Place {
  id: string;
  name: string;
}
