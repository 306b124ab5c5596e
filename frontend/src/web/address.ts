// By which name a page may frame an app of this machine, and what the app may do in there. Decides, and draws nothing.

type Page = Pick<Location, "protocol" | "hostname" | "origin">;

const HERE = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether the page comes from another machine, so that this browser's 127.0.0.1 is likely not the kernel's. */
export function away(page: Page): boolean {
  // An editor's own pages, such as vscode-webview:, come from no machine.
  return (page.protocol === "http:" || page.protocol === "https:") && !HERE.test(page.hostname);
}

/**
 * The address to frame: this machine by the name that the page does not use.
 *
 * Cookies know hosts, not ports: by the same name, the app would be sent the notebook server's login. By the other one
 * it is another site, which gets none of them and can set none there.
 */
export function framed(url: string, page: Page): string {
  const address = new URL(url);
  if (page.hostname === address.hostname) address.hostname = address.hostname === "localhost" ? "127.0.0.1" : "localhost";
  return address.href;
}

/** What the app may do: run, with an origin of its own. It cannot lead the notebook's page elsewhere or block it. */
export function sandbox(url: string, page: Page): string {
  const may = ["allow-scripts", "allow-forms", "allow-popups", "allow-downloads"];
  // Of the page's own origin it could take the sandbox off.
  if (new URL(url).origin !== page.origin) may.push("allow-same-origin");
  return may.join(" ");
}
