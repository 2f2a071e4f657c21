import type { Gap } from "../model/observation.ts";
import { isObject } from "./arm-error-body.ts";
import { linkWithin } from "./arm-path.ts";
import type { Judged } from "./classify-error.ts";

/** A collection, or why it could not be read to its end. */
export type Listed = { readonly is: "found"; readonly items: unknown[] } | Exclude<Judged, { is: "found" }>;

/** More pages than any collection that we read has. */
export const mostPages = 100;

/** Reads a collection to its end. A list with a hole would look complete, so that any page that fails makes the whole
 * list a gap. Pages may be empty in the middle. Items that come twice, as happens when something changes between two
 * pages, are told apart by their id; items without one are all kept. */
export async function readPages(
  endpoint: string,
  first: Judged,
  follow: (url: string) => Promise<Judged>,
): Promise<Listed> {
  const items: unknown[] = [];
  const ids = new Set<string>();
  const visited = new Set<string>();
  let page = first;
  for (let pages = 1; ; pages += 1) {
    if (page.is === "absent" && pages > 1) return broken("page-missing", `page ${pages} of the list is not there`);
    if (page.is !== "found") return page;
    const { value, nextLink } = page.json;
    if (!Array.isArray(value)) return broken("unexpected-shape", "the answer is no list");
    for (const item of value as unknown[]) {
      if (!isObject(item)) return broken("unexpected-shape", "the list holds something that is no object");
      const id = typeof item.id === "string" ? item.id.toLowerCase() : undefined;
      if (id !== undefined && ids.has(id)) continue;
      if (id !== undefined) ids.add(id);
      items.push(item);
    }
    if (nextLink === undefined || nextLink === null || nextLink === "") return { is: "found", items };
    if (pages >= mostPages) return broken("too-many-pages", `the list goes on after ${mostPages} pages`);
    const url = typeof nextLink === "string" ? linkWithin(endpoint, nextLink) : undefined;
    if (url === undefined)
      return broken("foreign-link", "the link to the next page leads away from Azure Resource Manager");
    if (visited.has(url)) return broken("page-loop", "the links of the list's pages lead in a circle");
    visited.add(url);
    page = await follow(url);
  }
}

function broken(code: string, message: string): Listed {
  return { is: "gap", gap: { gap: "error", code, message } satisfies Gap };
}
