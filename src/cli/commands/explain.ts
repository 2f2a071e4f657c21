import { renderFailurePage } from "../../reporters/failure-page.ts";
import { usageError } from "../errors.ts";
import { nearMatches } from "../near-matches.ts";
import { listShipped, readShipped } from "../shipped.ts";
import type { Terminal } from "../terminal.ts";
import { viewOf } from "../view.ts";

/** Options of `explain`. */
export interface ExplainFlags {
  readonly ascii?: boolean;
  readonly color: boolean;
}

/** `explain`: prints a failure's page, offline. Throws a usage error for an id that is none, with those it may have
 * meant. */
export async function explainFailure(id: string, flags: ExplainFlags, terminal: Terminal): Promise<void> {
  const known = (await listShipped("docs/failures")).map((file) => file.replace(/^.*\/|\.md$/g, ""));
  // Asked by name only, so that an id with a path in it reads no other file.
  const wanted = id.trim().toLowerCase();
  const page = known.includes(wanted) ? await readShipped(`docs/failures/${wanted}.md`) : undefined;
  if (page === undefined) {
    const near = nearMatches(id, known);
    throw usageError(
      `there is no failure "${id}"`,
      near.length === 0
        ? "A report names failures in brackets; probes/README.md lists all of them."
        : `Did you mean: ${near.join(", ")}?`,
    );
  }
  terminal.write(renderFailurePage(page, viewOf(flags, terminal)));
}
