// A web app of a workspace in a frame: anywidget's entry. One channel a model; a panel a view.
import type { AnyModel } from "@anywidget/types";
import { Channel } from "./lib/channel";
import { Panel, Shared } from "./web/panel";

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
      const panel = new Panel(el, shared, channel, String(model.get("title")));
      const leave = channel.enter(model);
      return () => {
        leave();
        panel.close();
      };
    },
  };
};
