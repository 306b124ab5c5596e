// The log view, whose pages share one store: anywidget's entry.
import { entry, title } from "./lib/entry";
import type { Start } from "./logs/bar";
import { Panel } from "./logs/panel";
import { Shared } from "./logs/shared";

export default entry(
  (channel) => new Shared(channel),
  (el, shared, channel, model) => new Panel(el, shared, channel, title(model), model.get("_shown") as Start),
);
