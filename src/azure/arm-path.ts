import type { PostRead } from "../model/ports.ts";

/** The action that reading a path takes: `Microsoft.KeyVault/vaults/read`, with `post` `Microsoft.X/things/post/action`.
 * Undefined for a path that names no type. */
export function actionOf(path: string, post?: PostRead): string | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  const provider = parts.map((part) => part.toLowerCase()).lastIndexOf("providers");
  const verb = post === undefined ? "read" : `${post}/action`;
  if (provider === -1) {
    if (parts[0]?.toLowerCase() !== "subscriptions") return undefined;
    if (parts.length > 2 && parts[2]?.toLowerCase() !== "resourcegroups") return undefined;
    return parts.length > 2
      ? `Microsoft.Resources/subscriptions/resourceGroups/${verb}`
      : `Microsoft.Resources/subscriptions/${verb}`;
  }
  const tail = parts.slice(provider + 1);
  if (post !== undefined && tail.at(-1)?.toLowerCase() === post.toLowerCase()) tail.pop();
  const types = tail.filter((_, index) => index === 0 || index % 2 === 1);
  return types.length < 2 ? undefined : `${types.join("/")}/${verb}`;
}

/** The URL of an ARM path. Ids come from Azure and are hostile: each part is encoded, so that none can add a query, leave
 * its place or name another host. Undefined for text that is no path. */
export function armUrl(endpoint: string, path: string, query: Readonly<Record<string, string>>): string | undefined {
  if (!path.startsWith("/") || path.length > 4000) return undefined;
  const parts = path.slice(1).replace(/\/$/, "").split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || !part.isWellFormed())) return undefined;
  const url = new URL(endpoint);
  url.pathname = `/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
  url.search = new URLSearchParams(query).toString();
  return url.href;
}

/** A link that a service gave (`nextLink`, `Location`) as a URL, when it stays at the endpoint. The token goes wherever
 * the request goes, so that a link to anywhere else is not followed. */
export function linkWithin(endpoint: string, link: string): string | undefined {
  if (!URL.canParse(link, endpoint)) return undefined;
  const url = new URL(link, endpoint);
  return url.origin === new URL(endpoint).origin && url.username === "" && url.password === "" ? url.href : undefined;
}
