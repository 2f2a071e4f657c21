/** What an ARM path points at. Ids, scopes and types are lower case. */
export interface ArmPath {
  /** One thing, or the list of all things of a type at a scope. */
  readonly kind: "item" | "list";
  /** Of an item, its own id. */
  readonly id: string;
  /** Where it lives: the parent resource, the resource group or subscription, or what an extension resource extends. */
  readonly scope: string;
  /** Provider namespace and types: `microsoft.network/virtualnetworks/subnets`; `*` for a list of all resources. */
  readonly type: string;
  /** The type as the caller wrote it, for messages. */
  readonly typeText: string;
}

export const subscriptionType = "microsoft.resources/subscriptions";
export const resourceGroupType = "microsoft.resources/resourcegroups";
export const resourceProviderType = "microsoft.resources/subscriptions/providers";

/** Reads a path given as segments; undefined when it is no form that ARM knows. */
export function readArmPath(segments: readonly string[]): ArmPath | undefined {
  const lower = segments.map((segment) => segment.toLowerCase());
  const provider = lower.lastIndexOf("providers");
  if (provider >= 0) return providerPath(segments, lower, provider);
  if (lower[0] !== "subscriptions") return undefined;
  if (lower.length <= 2) return plain(lower, subscriptionType);
  if (lower.at(-1) === "resources" && (lower.length === 3 || (lower.length === 5 && lower[2] === "resourcegroups")))
    return plain(lower, "*");
  return lower[2] === "resourcegroups" && lower.length <= 4 ? plain(lower, resourceGroupType) : undefined;
}

function plain(lower: readonly string[], type: string): ArmPath {
  const kind = lower.length % 2 === 0 ? "item" : "list";
  return { kind, id: idOf(lower), scope: idOf(lower.slice(0, kind === "item" ? -2 : -1)), type, typeText: type };
}

function providerPath(segments: readonly string[], lower: readonly string[], provider: number): ArmPath | undefined {
  const tail = lower.slice(provider + 1);
  if (tail.length === 1 && provider === 2 && lower[0] === "subscriptions")
    return {
      kind: "item",
      id: idOf(lower),
      scope: idOf(lower.slice(0, 2)),
      type: resourceProviderType,
      typeText: "Microsoft.Resources/subscriptions/providers",
    };
  if (tail.length < 2) return undefined;
  const kind = tail.length % 2 === 0 ? "list" : "item";
  const typeOf = (parts: readonly string[]): string =>
    parts.filter((_, index) => index === 0 || index % 2 === 1).join("/");
  const nested = tail.length > 3;
  return {
    kind,
    id: idOf(lower),
    scope: nested ? idOf(lower.slice(0, kind === "item" ? -2 : -1)) : idOf(lower.slice(0, provider)),
    type: typeOf(tail),
    typeText: typeOf(segments.slice(provider + 1)),
  };
}

function idOf(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment}`).join("");
}

/** The segments of an id or path. */
export function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/** Whether `id` is at or below `scope`; both lower case. */
export function isWithin(id: string, scope: string): boolean {
  return scope === "" || scope === "/" || id === scope || id.startsWith(`${scope}/`);
}

/** The id of the subscription that a path is in; undefined outside of any. */
export function subscriptionOf(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+/.exec(id)?.[0];
}

/** The id of the resource group that a path is in; undefined outside of any. */
export function resourceGroupOf(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/.exec(id)?.[0];
}
