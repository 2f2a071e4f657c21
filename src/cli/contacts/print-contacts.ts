import { planOf } from "../../engine/plan.ts";
import type { Registry } from "../../engine/registry.ts";
import type { Playbook } from "../../model/playbook.ts";
import { compose, type Wishes } from "../compose.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Terminal } from "../terminal.ts";
import { contactsOf } from "./contacts.ts";
import { renderContacts, renderEgress } from "./render.ts";

/** What would be looked at, and by whom. */
export interface Intention {
  readonly probes: Registry;
  readonly playbook: Playbook;
  readonly around: Surroundings;
  readonly wishes: Omit<Wishes, "signal">;
}

/** Prints what a diagnosis may contact, in place of running it. Only files and settings of this machine are read. */
export async function printContacts(
  { probes, playbook, around, wishes }: Intention,
  { hostsOnly }: { readonly hostsOnly: boolean },
  terminal: Terminal,
): Promise<void> {
  const { context } = compose(around, { ...wishes, signal: terminal.interrupted });
  const judged = planOf(playbook, probes).flatMap((planned) => planned.probes);
  const contacts = await contactsOf(judged, context, around);
  terminal.write(hostsOnly ? renderEgress(contacts) : renderContacts(contacts));
}
