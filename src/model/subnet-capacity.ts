/** Addresses that Azure keeps for itself in every subnet. Source: "Virtual networks FAQ", restrictions on addresses. */
export const reservedAddresses = 5;

/** How many addresses a subnet has for its users: IPv4 prefixes only, less what Azure keeps of each. */
export function usableAddresses(prefixes: readonly string[]): number {
  let total = 0;
  for (const prefix of prefixes) {
    const bits = /^\d+\.\d+\.\d+\.\d+\/(\d+)$/.exec(prefix)?.[1];
    if (bits !== undefined) total += Math.max(0, 2 ** (32 - Number(bits)) - reservedAddresses);
  }
  return total;
}
