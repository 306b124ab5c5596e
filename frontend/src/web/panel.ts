// The frame, a line above it that says what it is, and what stands in its place where there is nothing to frame.
import { banner } from "../lib/banner";
import type { Channel } from "../lib/channel";
import { h, link, root } from "../lib/dom";
import { BASE, follow } from "../lib/theme";
import { away, framed, sandbox } from "./address";

const STYLE = `${BASE}
.coder-nb-web .address { font-family: var(--c-code); overflow-wrap: anywhere; }
.coder-nb-web .hold { resize: vertical; overflow: hidden; min-height: 80px; }
.coder-nb-web iframe { display: block; width: 100%; height: 100%; border: 0; background: #fff; color-scheme: light; }
.coder-nb-web .none { padding: 14px; } .coder-nb-web .none p { margin: 0 0 8px; max-width: 70em; }
`;

interface Told {
  url?: string;
  height?: number;
  elsewhere?: string;
  state?: { name: string; why: string };
}

/** What all views of one model share. */
export class Shared {
  told: Required<Told> = { url: "", height: 600, elsewhere: "", state: { name: "connecting", why: "" } };
  #panels = new Set<Panel>();

  constructor(readonly channel: Channel) {
    channel.onBatch((body) => {
      this.told = { ...this.told, ...(body as Told) };
      for (const panel of this.#panels) panel.draw();
    });
  }

  enter(panel: Panel): () => void {
    this.#panels.add(panel);
    return () => void this.#panels.delete(panel);
  }
}

export class Panel {
  readonly root: HTMLElement;
  #state = h("span", { class: "state", role: "status" });
  #address = h("span", { class: "address" });
  #reload = h("button", { type: "button", title: "load the page in the frame again", click: () => this.#load() }, "Reload");
  #body = h("div");
  #frame: HTMLIFrameElement | undefined;
  #asked = false;
  #ends: (() => void)[] = [];

  constructor(
    el: HTMLElement,
    readonly shared: Shared,
    readonly channel: Channel,
    readonly title: string,
  ) {
    this.root = root(el, "web", STYLE);
    const [note, unnote] = banner(channel, { busy: "", gone: "" });
    this.root.append(h("div", { class: "bar" }, h("b", {}, title), this.#address, this.#reload, this.#state), note, this.#body);
    this.#ends.push(unnote, follow(this.root), shared.enter(this), channel.onWay(() => this.draw()));
    this.draw();
  }

  close(): void {
    for (const end of this.#ends) end();
    this.root.remove();
  }

  draw(): void {
    const { url, elsewhere, state } = this.shared.told;
    const gone = this.channel.way === "gone";
    const name = gone ? "ended" : state.name;
    this.#state.dataset["state"] = name;
    this.#state.textContent = name;
    this.#reload.hidden = name !== "live" || !this.#frame;
    if (name === "ended") {
      this.#address.textContent = "";
      return this.#instead(gone ? "The kernel is gone, and its tunnel with it. Run the cell again." : state.why);
    }
    if (!url) return;
    const address = framed(url, location);
    this.#address.replaceChildren(link(address, address));
    if (!this.#asked && (elsewhere || away(location))) this.#ask(address, elsewhere);
    else this.#show(address);
  }

  #show(address: string): void {
    if (this.#frame?.src === address) return;
    // Where a browser knows `credentialless`, no cookie goes along, whatever else this machine is called.
    this.#frame = h("iframe", { src: address, sandbox: sandbox(address, location), referrerpolicy: "no-referrer", credentialless: true, title: this.title });
    this.#body.replaceChildren(h("div", { class: "hold", style: `height: ${this.shared.told.height}px` }, this.#frame));
    this.#reload.hidden = false;
  }

  /** A new frame: links in the old one may have led anywhere. */
  #load(): void {
    this.#frame = undefined;
    this.draw();
  }

  /** The port may be somebody else's by now, so nothing of it is shown any more. */
  #instead(why: string): void {
    this.#frame = undefined;
    this.#body.replaceChildren(h("div", { class: "none faint" }, why));
  }

  #ask(address: string, elsewhere: string): void {
    const why = elsewhere || `this page comes from ${location.hostname}`;
    const show = (): void => {
      this.#asked = true;
      this.draw();
    };
    this.#frame = undefined;
    this.#body.replaceChildren(
      h("div", { class: "none" },
        h("p", {}, `The app is reached at ${new URL(address).host} on the machine of the kernel, and your browser is likely on another one: ${why}. It shows here only where both are the same machine, or something forwards that port to yours.`),
        h("button", { type: "button", click: show }, "Show it all the same")));
  }
}
