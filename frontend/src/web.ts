// A web app of a workspace in a frame: anywidget's entry.
import { entry, title } from "./lib/entry";
import { Panel, Shared } from "./web/panel";

export default entry(
  (channel) => new Shared(channel),
  (el, shared, channel, model) => new Panel(el, shared, channel, title(model)),
);
