// What is typed into the search field, as a regular expression; says what is wrong with one that is none.

/** A group that repeats what repeats: such patterns can take for ever on one line, and nothing can stop them. */
const ENDLESS = /\((?:[^()\\]|\\.)*(?:[+*]|\{\d+,\d*\})(?:[^()\\]|\\.)*\)(?:[+*]|\{\d+,\d*\})/;

export interface Pattern {
  pattern: RegExp | null;
  wrong: string;
}

export function pattern(typed: string, regex: boolean, exact: boolean): Pattern {
  if (!typed) return { pattern: null, wrong: "" };
  const flags = exact ? "g" : "gi";
  if (!regex) return { pattern: new RegExp(typed.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), flags), wrong: "" };
  if (ENDLESS.test(typed)) return { pattern: null, wrong: "a repeated group that repeats something could take for ever" };
  try {
    return { pattern: new RegExp(typed, flags), wrong: "" };
  } catch (error) {
    return { pattern: null, wrong: (error instanceof Error ? error.message : String(error)).replace(/^.*: /, "") };
  }
}
