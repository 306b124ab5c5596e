// One view of a terminal: the screen, what is around it, and the way to the kernel, put together.
import { h, root } from "../lib/dom";
import { follow } from "../lib/theme";
import { Bar } from "./bar";
import { Find } from "./find";
import { Keys, harmless } from "./keys";
import { Link, type Model } from "./link";
import { Output } from "./output";
import { Screen } from "./screen";
import { STYLE } from "./style";
import type { FromKernel, Phase, Place } from "./wire";

export { NOTICE } from "./notice";

export type Mount = typeof mount;

/** Milliseconds between two signs of life of a view that draws nothing. */
const BEAT = 10_000;
/** Bytes that are drawn before the kernel is told at once; fewer are told of later, since each message costs it time. */
const SOON = 192 * 1024;
const LATER = 250;
/** Milliseconds a size has to last; of several the last is told. */
const STEADY = 120;
/** Milliseconds without output after which the kernel is told what the screen says. */
const QUIET = 800;
const TRAITS = ["change:_phase", "change:_places"];

/** Draws, and returns the clean-up. */
export function mount(model: Model, input: Model, el: HTMLElement): () => void {
  const view = new View(model, input, el);
  return () => view.close();
}

class View {
  private readonly id = Math.random().toString(36).slice(2);
  private readonly model: Model;
  private readonly link: Link;
  private readonly root: HTMLElement;
  private readonly screen: Screen;
  private readonly bar: Bar;
  private readonly find: Find;
  private readonly output: Output;
  private readonly keys: Keys;
  private readonly box = h("div", { class: "screen" });
  private readonly ends: (() => void)[] = [];
  private readonly changed = () => this.show();
  private timers: Record<"fit" | "quiet" | "ask" | "report", number> = { fit: 0, quiet: 0, ask: 0, report: 0 };
  private told = 0;
  private awaited = false;

  constructor(model: Model, input: Model, el: HTMLElement) {
    this.model = model;
    this.link = new Link(model, input);
    this.bar = new Bar(String(model.get("title")), {
      enter: () => this.screen.terminal.focus(),
      restart: () => this.restart(),
      move: (container) => this.move(container),
      search: () => this.find.open(),
    });
    this.screen = new Screen((target) => this.bar.hover(target));
    this.find = new Find(this.screen.search, () => this.screen.terminal.focus());
    this.output = new Output(this.screen.terminal, (at) => this.drawn(at), (at) => this.again(at));
    const way = this.link;
    this.keys = new Keys({
      get pending() {
        return way.pending;
      },
      keys: (n, text, wait) => this.send(n, text, wait),
    });
    this.root = root(el, "terminal", STYLE);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", `terminal of ${model.get("title")}`);
    this.root.append(this.bar.top, this.find.element, this.bar.banner, this.box, this.bar.foot);
    this.open();
    this.listen(model);
    this.show();
    this.hello(null);
  }

  close(): void {
    this.link.send({ kind: "bye", view: this.id });
    for (const event of TRAITS) this.model.off(event, this.changed);
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    for (const end of this.ends) end();
    this.link.close();
    this.bar.close();
    this.find.dispose();
    this.screen.terminal.dispose();
    this.root.remove();
  }

  private get phase(): Phase {
    return this.model.get("_phase") as Phase;
  }

  private open(): void {
    const { terminal } = this.screen;
    this.ends.push(follow(this.root, (dark) => this.screen.dress(dark)));
    terminal.open(this.box);
    terminal.onData((text) => this.type(text));
    terminal.onTitleChange((text) => this.bar.title(text));
    terminal.attachCustomKeyEventHandler((event) => this.key(event));
    // Before xterm.js takes it, whose own way of pasting lets the text end the paste.
    this.box.addEventListener("paste", (event) => this.paste(event), { capture: true });
    terminal.textarea?.addEventListener("focus", () => this.root.classList.remove("left"));
    terminal.textarea?.addEventListener("blur", () => this.root.classList.add("left"));
    this.root.classList.add("left");
    this.screen.fit();
    const observer = new ResizeObserver(() => this.resized());
    observer.observe(this.box);
    this.ends.push(() => observer.disconnect());
  }

  private listen(model: Model): void {
    for (const event of TRAITS) model.on(event, this.changed);
    this.link.onState = () => this.show();
    this.link.onLooked = () => this.keys.flow();
    this.link.onMessage = (message, buffers) => this.receive(message, buffers);
    const beat = setInterval(() => this.report(), BEAT);
    this.ends.push(() => clearInterval(beat));
  }

  private hello(at: number | null): void {
    this.link.send({ kind: "hello", view: this.id, at, ...this.screen.size });
  }

  private receive(message: FromKernel, buffers: DataView[]): void {
    if (message.kind === "welcome" && message.view === this.id) {
      this.awaited = this.output.next === null && message.at >= 0;
      this.output.begin(message.at);
    } else if (message.kind === "out") {
      const data = buffers[0];
      if (data) this.output.take(message.at, message.lost, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      this.link.heard();
    } else if (message.kind === "typed" && message.view === this.id) {
      this.keys.typed(message.n);
    }
  }

  private drawn(at: number): void {
    this.root.dataset.drawn = String(at);
    if (at - this.told >= SOON) this.report();
    else this.timers.report ||= window.setTimeout(() => this.report(), LATER);
    clearTimeout(this.timers.quiet);
    this.timers.quiet = window.setTimeout(() => this.tell(), QUIET);
  }

  private report(): void {
    clearTimeout(this.timers.report);
    this.timers.report = 0;
    this.told = this.output.drawn;
    this.link.send({ kind: "drawn", view: this.id, at: this.told, come: this.output.next ?? 0 });
  }

  private tell(): void {
    this.link.send({ kind: "screen", view: this.id, lines: this.screen.lines() });
    // What an editor had drawn before this view came may be incomplete.
    if (this.awaited && this.screen.whole) this.link.send({ kind: "redraw", view: this.id });
    this.awaited = false;
  }

  private again(at: number): void {
    if (this.timers.ask) return;
    this.timers.ask = window.setTimeout(() => {
      this.timers.ask = 0;
      this.hello(at);
    }, 200);
  }

  private type(text: string): void {
    if (this.link.gone || this.phase.name === "ended") return;
    this.keys.type(text);
  }

  private send(n: number, text: string, wait: boolean): void {
    this.link.send({ kind: "keys", view: this.id, n, text, wait });
    if (!wait) this.link.nudge();
  }

  private paste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.screen.terminal.paste(harmless(event.clipboardData?.getData("text/plain") ?? ""));
  }

  private key(event: KeyboardEvent): boolean {
    if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true;
    const act = { KeyX: () => this.bar.focus(), KeyF: () => this.find.open(), KeyC: () => this.copy() }[event.code];
    // The browser's own way of pasting without format; the paste then comes as an event.
    if (event.code === "KeyV") return false;
    if (!act) return true;
    event.preventDefault();
    if (event.type === "keydown") act();
    return false;
  }

  private copy(): void {
    // Copies the selection by the page's own copy event, which works without a secure context too.
    if (this.screen.terminal.hasSelection()) document.execCommand("copy");
  }

  private restart(): void {
    this.keys.drop();
    this.link.send({ kind: "restart", view: this.id });
    this.screen.terminal.focus();
  }

  private move(container: string): void {
    this.keys.drop();
    this.link.send({ kind: "move", view: this.id, container });
    this.screen.terminal.focus();
  }

  private resized(): void {
    clearTimeout(this.timers.fit);
    this.timers.fit = window.setTimeout(() => {
      const size = this.screen.fit();
      if (size) this.link.send({ kind: "size", view: this.id, ...size });
    }, STEADY);
  }

  private show(): void {
    const { phase } = this;
    this.keys.flow();
    if (phase.name === "ended") this.keys.drop();
    this.root.dataset.phase = this.link.gone ? "gone" : phase.name;
    this.bar.show({
      phase,
      gone: this.link.gone,
      late: this.link.late,
      places: this.model.get("_places") as Place[],
      again: phase.session ? `${this.model.get("_again")} --reconnect ${phase.session}` : "",
    });
  }
}
