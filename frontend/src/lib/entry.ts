// What anywidget is given of a view: one channel, and what its pages share, a model; a panel a page.
import type { AnyModel } from "@anywidget/types";
import { Channel } from "./channel";

export type Model = AnyModel<Record<string, unknown>>;

export function entry<S>(
  share: (channel: Channel) => S,
  panel: (el: HTMLElement, shared: S, channel: Channel, model: Model) => { close(): void },
) {
  return () => {
    let channel: Channel;
    let shared: S;
    return {
      initialize({ model }: { model: Model }) {
        channel = new Channel(model);
        shared = share(channel);
        return () => channel.close();
      },
      render({ model, el }: { model: Model; el: HTMLElement }) {
        const drawn = panel(el, shared, channel, model);
        const leave = channel.enter(model);
        return () => {
          leave();
          drawn.close();
        };
      },
    };
  };
}

/** A view's title, as its kernel gives it. */
export const title = (model: Model): string => String(model.get("title"));
