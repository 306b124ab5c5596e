// The live table, whose pages share one sheet: anywidget's entry.
import { entry, title } from "./lib/entry";
import { Panel, Shared } from "./table/panel";

export default entry(
  (channel) => new Shared(channel),
  (el, shared, channel, model) => new Panel(el, shared, channel, title(model)),
);
