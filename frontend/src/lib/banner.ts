// One line above a view while the kernel cannot answer it: what is going on, and what to do about it.
import type { Channel, Way } from "./channel";
import { h } from "./dom";

const SAYS: Record<Way, string> = {
  opening: "",
  open: "",
  busy: "The kernel is busy: what comes is shown, what you ask of it waits for the running cell.",
  gone: "The kernel is gone: this is what had come by then. Run the cell again to go on.",
};

/** The banner, and what ends it; `says` in place of what it says otherwise, "" for nothing. */
export function banner(channel: Channel, says: Partial<Record<Way, string>> = {}): [HTMLElement, () => void] {
  const texts = { ...SAYS, ...says };
  const element = h("div", { class: "banner", role: "status", hidden: true });
  const end = channel.onWay((way) => {
    element.textContent = texts[way];
    element.hidden = !texts[way];
    element.dataset["way"] = way;
  });
  return [element, end];
}
