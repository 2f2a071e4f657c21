import { parseArmId } from "../model/arm-id.ts";

/** What a finding or an open question is about: its subject, when it has one, and the other things that it names. */
export interface Topic {
  readonly subject?: string;
  readonly about?: readonly string[];
}

/** A subject as it is compared: no case; an ARM id without a trailing slash, anything else without port and root dot. */
export function subjectKey(subject: string): string {
  const lower = subject.trim().toLowerCase();
  if (lower.startsWith("/")) return lower.replace(/\/+$/, "");
  // `[v6]:443` and `host:443`; an IPv6 address alone has more than one colon and no port.
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(lower)?.[1];
  const host = bracketed ?? /^([^:]+):\d+$/.exec(lower)?.[1] ?? lower;
  return host.replace(/\.$/, "");
}

/**
 * Whether two findings are about the same thing: they name the same thing, or their subjects are a resource and its
 * child. Children count between the subjects only: nearly every finding names its workspace beside its subject, and that
 * must not join it with all that lies under the workspace.
 */
export function meet(a: Topic, b: Topic): boolean {
  if (a.subject !== undefined && b.subject !== undefined && areNested(a.subject, b.subject)) return true;
  const keys = keysOf(a);
  return keysOf(b).some((key) => keys.includes(key));
}

function keysOf(topic: Topic): string[] {
  const names = [...(topic.subject === undefined ? [] : [topic.subject]), ...(topic.about ?? [])];
  return names.map(subjectKey).filter((key) => key !== "");
}

function areNested(a: string, b: string): boolean {
  if (parseArmId(subjectKey(a)) === undefined || parseArmId(subjectKey(b)) === undefined) return false;
  const [x, y] = [subjectKey(a), subjectKey(b)];
  return x.startsWith(`${y}/`) || y.startsWith(`${x}/`);
}
