// The metadata panel, whose pages share one history: anywidget's entry.
import { entry, title } from "./lib/entry";
import { Panel, Shared } from "./metadata/panel";

export default entry(
  (channel) => new Shared(channel),
  (el, shared, channel, model) => new Panel(el, shared, channel, title(model)),
);
