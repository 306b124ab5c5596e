// What all views of one log in a page share: its lines, and what its stream is doing.
import type { Channel } from "../lib/channel";
import type { Start } from "./bar";
import { Store, type Body } from "./store";

export interface State {
  name: string;
  why: string;
  /** When it is tried again, by this page's clock; null where that is not known. */
  retry: number | null;
}

export class Shared {
  readonly store = new Store();
  /** What is set in the view that was drawn last; the next one begins with it. */
  settings?: () => Start;
  state: State = { name: "connecting", why: "", retry: null };
  #listeners = new Set<() => void>();

  constructor(channel: Channel) {
    channel.onBatch((batch, buffers, fresh) => this.take(batch as Body, buffers, fresh));
  }

  on(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  take(body: Body, buffers: DataView[], fresh: boolean): void {
    if (body.state) {
      const { name, why, retry } = body.state;
      this.state = { name, why, retry: retry === null ? null : Date.now() + retry * 1000 };
    }
    this.store.add(body, buffers, fresh);
    for (const listener of this.#listeners) listener();
  }

  /** The state in words that are true now. */
  told(): { name: string; text: string } {
    const { name, why, retry } = this.state;
    const left = retry === null ? 0 : Math.round((retry - Date.now()) / 1000);
    const when = retry === null ? "" : left > 0 ? ` in ${left} s` : " now";
    return { name, text: `${name}${when}${why ? `: ${why}` : ""}` };
  }
}
