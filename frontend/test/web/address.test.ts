import { expect, test } from "vitest";
import { away, framed, sandbox } from "../../src/web/address";

const page = (href: string) => {
  const { protocol, hostname, origin } = new URL(href);
  return { protocol, hostname, origin };
};
const APP = "http://127.0.0.1:41873/docs?x=1#top";

test("a page of another machine is away, one of this machine or of an editor is not", () => {
  const hrefs = ["http://localhost:8888/lab", "http://127.0.0.1:8888/", "http://[::1]:1/", "http://a.localhost/", "vscode-webview://x/"];
  expect(hrefs.map((href) => away(page(href)))).toEqual(hrefs.map(() => false));
  const others = ["https://hub.example.com/user/ada", "http://10.0.0.3:8888/", "http://localhost.example.com/", "http://127.0.0.1.nip.io/"];
  expect(others.map((href) => away(page(href)))).toEqual(others.map(() => true));
});

test("the frame never has the name the page has, since cookies know no ports", () => {
  expect(framed(APP, page("http://127.0.0.1:8888/lab"))).toBe("http://localhost:41873/docs?x=1#top");
  expect(framed(APP, page("http://localhost:8888/lab"))).toBe(APP);
  expect(framed(APP, page("https://hub.example.com/"))).toBe(APP);
});

test("scripts and an origin never go together on the page's own origin", () => {
  expect(sandbox("http://localhost:41873/", page("http://127.0.0.1:8888/lab")).split(" ")).toContain("allow-same-origin");
  const own = sandbox("http://localhost:8888/x", page("http://localhost:8888/lab")).split(" ");
  expect(own).toContain("allow-scripts");
  expect(own).not.toContain("allow-same-origin");
});

test("an app cannot lead the page elsewhere, nor block it with a question", () => {
  expect(sandbox(APP, page("http://localhost:8888/lab"))).not.toMatch(/top-navigation|modals|escape/);
});
