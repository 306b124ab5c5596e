// A widget model in memory: what is sent is kept, and a test says what the kernel says.

type Callback = (...args: never[]) => void;

export class FakeModel {
  sent: Record<string, unknown>[] = [];
  dead = false;
  widget_manager: unknown = {};
  #listeners = new Map<string, Set<Callback>>();

  get(): unknown {
    return "";
  }

  set(): void {}

  save_changes(): void {}

  on(name: string, callback: Callback): void {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name)!.add(callback);
  }

  off(name: string, callback: Callback): void {
    this.#listeners.get(name)?.delete(callback);
  }

  send(content: Record<string, unknown>): void {
    if (this.dead) throw new Error("Cannot send");
    this.sent.push(content);
  }

  emit(name: string, self: unknown, ...args: unknown[]): void {
    for (const callback of this.#listeners.get(name) ?? []) callback.apply(self, args as never[]);
  }

  /** A batch of the kernel's. */
  batch(seq: number, epoch = 1): void {
    this.emit("msg:custom", undefined, { kind: "batch", epoch, seq, body: { seq } }, []);
  }

  count(seq: number, epoch = 1): void {
    this.emit("msg:custom", undefined, { kind: "count", epoch, seq, body: {} }, []);
  }

  /** The types of what was sent. */
  get types(): unknown[] {
    return this.sent.map((message) => message["type"]);
  }
}
