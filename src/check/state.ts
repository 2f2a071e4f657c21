import * as z from "zod";
import { changeSchema } from "../model/changes.ts";
import { reportSchema, type Report } from "../model/report.ts";

/** The kind and version of a state file. A file of another version is set aside, never guessed at. */
export const stateSchemaId = "aml-doctor/check-state@1";

const trackedSchema = z.strictObject({
  kind: changeSchema.shape.kind,
  id: z.string(),
  subject: z.string(),
  title: z.string(),
  probe: z.string(),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  /** Whether it counts as there. */
  confirmed: z.boolean(),
  /** Checks in a row that saw it; 0 while it is away. */
  seen: z.int().nonnegative(),
  /** Checks in a row that looked and did not see it. */
  missed: z.int().nonnegative(),
});

const stateSchema = z.object({
  schema: z.literal(stateSchemaId),
  verdict: z.enum(["healthy", "unhealthy", "inconclusive"]),
  verdictSince: z.iso.datetime(),
  problems: z.array(trackedSchema),
  /** The last report, so that a state file serves as a baseline too. */
  report: reportSchema,
});

/** What a check remembers for the next one. */
export type State = z.infer<typeof stateSchema>;
export type Tracked = z.infer<typeof trackedSchema>;

/** A state that was read, or why it is of no use. */
export type ReadState = { readonly state: State } | { readonly unusable: string };

/** Reads the text of a state file. Never throws: what is wrong with it is said in words. */
export function parseState(text: string): ReadState {
  const json = parseJson(text);
  if (json === undefined) return { unusable: text.trim() === "" ? "it is empty" : "it is not whole JSON" };
  const named = z.object({ schema: z.string() }).safeParse(json);
  if (!named.success) return { unusable: "it is not a state of this program" };
  if (named.data.schema !== stateSchemaId)
    return { unusable: `it is of the kind "${named.data.schema}", and this version knows ${stateSchemaId}` };
  const parsed = stateSchema.safeParse(json);
  return parsed.success ? { state: parsed.data } : { unusable: firstIssue(parsed.error) };
}

/** The report to compare with: a report's JSON, or the last report of a state file. Never throws. */
export function parseBaseline(text: string): { readonly report: Report } | { readonly unusable: string } {
  const json = parseJson(text);
  if (json === undefined) return { unusable: "it is not JSON" };
  const state = stateSchema.safeParse(json);
  if (state.success) return { report: state.data.report };
  const report = reportSchema.safeParse(json);
  return report.success ? { report: report.data } : { unusable: `it is no report: ${firstIssue(report.error)}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined
    ? "it does not follow its schema"
    : `${issue.path.join(".") || "the whole"}: ${issue.message}`;
}
