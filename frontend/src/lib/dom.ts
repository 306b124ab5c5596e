// Elements from data: text only ever becomes text, and only http and https become links.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | ((event: never) => void) | undefined>;

/** An element. Functions are listeners, `true` is an empty attribute, `false` and undefined are none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

/** A link that opens elsewhere and tells nothing; plain text for any other scheme. */
export function link(href: string, text: string): HTMLElement {
  let scheme = "";
  try {
    scheme = new URL(href).protocol;
  } catch {
    // Not an address: stays text.
  }
  if (scheme !== "http:" && scheme !== "https:") return h("span", {}, text);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** The widget's root with its style; nothing of it reaches the page around it but by its class. */
export function root(el: HTMLElement, name: string, css: string): HTMLElement {
  const element = h("div", { class: `coder-nb coder-nb-${name}` });
  // Keys typed in here are not the notebook's. JupyterLab looks for this on the very element that has the focus.
  element.addEventListener("focusin", (event) => (event.target as HTMLElement).setAttribute("data-lm-suppress-shortcuts", "true"));
  el.append(h("style", {}, css), element);
  return element;
}
