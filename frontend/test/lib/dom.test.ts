import { expect, test } from "vitest";
import { h, link, root } from "../../src/lib/dom";

test("text stays text", () => {
  const element = h("p", { title: '"><b>' }, "<img src=x onerror=alert(1)>");
  expect(element.children).toHaveLength(0);
  expect(element.textContent).toBe("<img src=x onerror=alert(1)>");
  expect(element.getAttribute("title")).toBe('"><b>');
});

test("only http and https are links", () => {
  expect(link("https://example.com", "there").tagName).toBe("A");
  for (const href of ["javascript:alert(1)", "data:text/html,x", "file:///etc", "nonsense"]) {
    expect(link(href, "there").tagName).toBe("SPAN");
  }
});

test("what has the focus keeps its keys from the notebook", () => {
  const button = h("button");
  root(document.body, "test", "").append(button);
  button.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  expect(button.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
});
