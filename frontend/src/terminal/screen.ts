// xterm.js, set up so that nothing a program writes can do more than draw: no clipboard, no window commands, and links
// only to http and https.
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type ITheme, Terminal } from "@xterm/xterm";

const SCROLLBACK = 10_000;
/** Lines of it that are told to the kernel as the terminal's text. */
const TOLD = 200;

const LIGHT: ITheme = {
  black: "#24292f", red: "#cf222e", green: "#116329", yellow: "#7d4e00", blue: "#0969da", magenta: "#8250df",
  cyan: "#1b7c83", white: "#6e7781", brightBlack: "#57606a", brightRed: "#a40e26", brightGreen: "#1a7f37",
  brightYellow: "#633c01", brightBlue: "#218bff", brightMagenta: "#a475f9", brightCyan: "#3192aa", brightWhite: "#8c959f",
  selectionBackground: "#b3d7ff", selectionInactiveBackground: "#d6e4f2",
};
const DARK: ITheme = {
  black: "#484f58", red: "#ff7b72", green: "#3fb950", yellow: "#d29922", blue: "#58a6ff", magenta: "#bc8cff",
  cyan: "#39c5cf", white: "#b1bac4", brightBlack: "#6e7681", brightRed: "#ffa198", brightGreen: "#56d364",
  brightYellow: "#e3b341", brightBlue: "#79c0ff", brightMagenta: "#d2a8ff", brightCyan: "#56d4dd", brightWhite: "#ffffff",
  selectionBackground: "#264f78", selectionInactiveBackground: "#3a3d41",
};

export interface Size {
  columns: number;
  rows: number;
}

export class Screen {
  readonly terminal: Terminal;
  readonly search = new SearchAddon();
  private readonly fitting = new FitAddon();

  /** @param hover is told where a link leads while the pointer is on it, else "". */
  constructor(hover: (target: string) => void) {
    const open = (_event: MouseEvent, target: string) => follow(target);
    const over = (_event: MouseEvent, target: string) => hover(target);
    const leave = () => hover("");
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: true,
      fontSize: 13,
      linkHandler: { activate: open, hover: over, leave, allowNonHttpProtocols: false },
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK,
      windowOptions: {},
    });
    this.terminal.loadAddon(this.fitting);
    this.terminal.loadAddon(this.search);
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.loadAddon(new WebLinksAddon(open, { hover: over, leave }));
    this.terminal.unicode.activeVersion = "11";
  }

  /** Colours and font of the page as it is now. */
  dress(dark: boolean): void {
    const style = getComputedStyle(document.body);
    const named = (name: string, other: string) => style.getPropertyValue(name).trim() || other;
    const background = named("--jp-layout-color0", dark ? "#111111" : "#ffffff");
    const foreground = named("--jp-content-font-color0", dark ? "#ffffff" : "#000000");
    this.terminal.options.theme = {
      ...(dark ? DARK : LIGHT), background, foreground, cursor: foreground, cursorAccent: background,
    };
    this.terminal.options.fontFamily = named("--jp-code-font-family", "ui-monospace, monospace");
  }

  /** The size that fits, if it is another one; null where it is the same, or nothing is to be seen at all. */
  fit(): Size | null {
    const fits = this.fitting.proposeDimensions();
    if (!fits || !(fits.cols > 1) || !(fits.rows > 1)) return null;
    if (fits.cols === this.terminal.cols && fits.rows === this.terminal.rows) return null;
    this.terminal.resize(fits.cols, fits.rows);
    return this.size;
  }

  get size(): Size {
    return { columns: this.terminal.cols, rows: this.terminal.rows };
  }

  /** Whether a program has the whole screen, as editors do. */
  get whole(): boolean {
    return this.terminal.buffer.active.type === "alternate";
  }

  /** The last lines as text. */
  lines(): string[] {
    const buffer = this.terminal.buffer.active;
    const end = buffer.baseY + this.terminal.rows;
    const lines: string[] = [];
    for (let at = Math.max(0, end - TOLD); at < end; at++) {
      const line = buffer.getLine(at);
      const text = line?.translateToString(true) ?? "";
      if (line?.isWrapped && lines.length) lines[lines.length - 1] += text;
      else lines.push(text);
    }
    while (lines.length && !lines.at(-1)) lines.pop();
    return lines;
  }
}

/** Opens a page, and lets it know nothing of this one. */
export function follow(target: string): void {
  if (/^https?:\/\//i.test(target)) window.open(target, "_blank", "noopener,noreferrer");
}
