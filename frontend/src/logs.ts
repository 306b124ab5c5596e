// The log view: anywidget's entry. One channel and one store a model; a panel a view.
import type { AnyModel } from "@anywidget/types";
import { Channel } from "./lib/channel";
import type { Start } from "./logs/bar";
import { Panel } from "./logs/panel";
import { Shared } from "./logs/shared";

type Model = AnyModel<Record<string, unknown>>;

export default () => {
  let channel: Channel;
  let shared: Shared;
  return {
    initialize({ model }: { model: Model }) {
      channel = new Channel(model);
      shared = new Shared(channel);
      return () => channel.close();
    },
    render({ model, el }: { model: Model; el: HTMLElement }) {
      const panel = new Panel(el, shared, channel, String(model.get("title")), model.get("_shown") as Start);
      const leave = channel.enter(model);
      return () => {
        leave();
        panel.close();
      };
    },
  };
};
