/** Whether two of Azure's words are the same: its enumerations come back in whatever case the caller wrote. */
export function sameText(a: string | null | undefined, b: string): boolean {
  return typeof a === "string" && a.toLowerCase() === b.toLowerCase();
}

/** A DNS name as it is compared: lower case, no trailing dot. */
export function dnsName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** `one, two and 3 more`: a list that stays short. */
export function shortList(items: readonly string[], limit = 3): string {
  return items.length <= limit
    ? items.join(", ")
    : `${items.slice(0, limit).join(", ")} and ${items.length - limit} more`;
}
