import type { Target } from "../model/ports.ts";
import { usageError } from "./errors.ts";

/** The variable that holds the endpoint's key or token: an option would stand in the shell's history and in the list of
 * processes. */
export const scoringKeyVariable = "AML_DOCTOR_SCORING_KEY";

/**
 * The `Authorization` header to score with: the variable's value, as a bearer token unless it names a scheme itself.
 * Undefined when the variable is not set. Throws a usage error, without the value, when it cannot stand in a header, or
 * when no endpoint is chosen: a key is one endpoint's, and must not be shown to the others of the workspace.
 */
export function scoringAuthorization(
  environment: Readonly<Record<string, string | undefined>>,
  { endpoint }: Pick<Target, "endpoint">,
): string | undefined {
  const key = environment[scoringKeyVariable]?.trim();
  if (key === undefined || key === "") return undefined;
  if (endpoint === undefined) {
    throw usageError(
      `${scoringKeyVariable} is the key of one endpoint, and no endpoint is given`,
      "Say which with --endpoint.",
    );
  }
  if (!/^[\x20-\x7e]+$/.test(key)) throw usageError(`${scoringKeyVariable} holds a character that no key has`);
  return key.includes(" ") ? key : `Bearer ${key}`;
}
