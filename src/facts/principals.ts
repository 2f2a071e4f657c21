import type { Identity } from "./wire.ts";

/** Identities as the service lists them on a resource. */
export interface Principals {
  /** Object ids in the directory; the system-assigned one first. */
  readonly ids: readonly string[];
  readonly system?: string;
  /** Object ids of the user-assigned identities, by resource id. */
  readonly user: Readonly<Record<string, string>>;
  /** User-assigned identities whose object id the resource does not show. */
  readonly unnamed: readonly string[];
}

/** The principals behind an `identity` member. */
export function principalsOf(identity: Identity): Principals {
  const entries = Object.entries(identity?.userAssignedIdentities ?? {});
  const user = Object.fromEntries(
    entries.flatMap(([id, each]) => (each?.principalId ? [[id, each.principalId] as const] : [])),
  );
  const system = identity?.principalId ?? undefined;
  return {
    ids: [...(system === undefined ? [] : [system]), ...Object.values(user)],
    ...(system === undefined ? {} : { system }),
    user,
    unnamed: entries.filter(([, each]) => !each?.principalId).map(([id]) => id),
  };
}

/** Whether an identity type such as `SystemAssigned, UserAssigned` has a system-assigned one. */
export function hasSystemIdentity(identity: Identity): boolean {
  return /systemassigned/i.test(identity?.type ?? "");
}
