import { parameter, type Answer, type Request } from "./answer.ts";
import { gatewayError } from "./arm-errors.ts";
import type { ArmPath } from "./arm-path.ts";

/** How lists are cut into pages. */
export interface Paging {
  /** Items per page. */
  readonly size: number;
  /** What the absolute next link begins with: `https://localhost:443`. */
  readonly endpoint: string;
}

/** One page of a list, with the absolute link to the next. */
export function page(request: Request, path: ArmPath, items: readonly unknown[], paging: Paging): Answer {
  const pages = cut(path, items, pageSize(request, paging));
  const token = parameter(request.query, "$skiptoken");
  const index =
    token === undefined
      ? 0
      : Number(
          Buffer.from(token, "base64url")
            .toString()
            .replace(/^page:/, ""),
        );
  const value = pages[index];
  if (value === undefined) return gatewayError(400, "InvalidSkipToken", "The skip token is not one of this list.");
  return {
    status: 200,
    body: index + 1 < pages.length ? { value, nextLink: nextLink(request, paging, index + 1) } : { value },
  };
}

function cut(path: ArmPath, items: readonly unknown[], size: number): (readonly unknown[])[] {
  const pages: (readonly unknown[])[] = [];
  for (let start = 0; start < items.length; start += size) pages.push(items.slice(start, start + size));
  // Key Vault's lists have empty pages before, between and after the items; a reader that stops at one misses vaults.
  if (path.type === "microsoft.keyvault/vaults" && items.length > 0) return [[], ...pages, []];
  return pages.length === 0 ? [[]] : pages;
}

function pageSize(request: Request, paging: Paging): number {
  const top = Number(parameter(request.query, "$top") ?? Number.NaN);
  return Number.isInteger(top) && top > 0 ? Math.min(top, paging.size) : paging.size;
}

function nextLink(request: Request, paging: Paging, index: number): string {
  const query = [...request.query]
    .filter(([key]) => key.toLowerCase() !== "$skiptoken")
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return `${paging.endpoint}${request.path}?${[...query, `$skiptoken=${Buffer.from(`page:${index}`).toString("base64url")}`].join("&")}`;
}
