import type { Unknown } from "../model/report.ts";

/** What would let an open question be answered: the permission, the role that has it, and where; undefined when none would.
 * `brief` shortens an ARM id. */
export function wantedOf(
  { permission, role, scope }: Unknown,
  brief: (id: string) => string = (id) => id,
): string | undefined {
  if (permission === undefined || role === undefined) return permission;
  return `${permission} (role ${role}${scope === undefined ? "" : ` on ${brief(scope)}`})`;
}
