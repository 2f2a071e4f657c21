import { inPrefix } from "../model/address.ts";

/** Whether two ranges share an address: of two CIDR ranges that do, one holds the other's first address. */
export function overlaps(a: string, b: string): boolean {
  const first = (range: string): string => range.split("/")[0] ?? range;
  return inPrefix(first(a), b) || inPrefix(first(b), a);
}
