import * as z from "zod";

/** How an answer stands to what the private endpoints say of a name; see the fact `derived/paths`. */
const relation = z.enum(["expected", "public", "other-private", "nothing", "no-answer"]);

/** Whether something is as it is meant to be for a client at the vantage. `open` is what cannot be judged by itself. */
const fit = z.enum(["good", "bad", "open"]);
export type Fit = z.infer<typeof fit>;

const answer = z.strictObject({ text: z.string(), relation, fit });
const stage = z.strictObject({ text: z.string(), fit });

/** One name of the estate: what is meant to be, and what was measured, side by side. */
export const matrixRowSchema = z.strictObject({
  fqdn: z.string(),
  service: z.string(),
  resourceId: z.string(),
  private: z.boolean().describe("Whether a client here must come in by a private address"),
  expected: z.array(z.string()).describe("Addresses that private endpoints have for the name"),
  system: answer.describe("What programs on this machine get"),
  resolvers: z.array(z.strictObject({ server: z.string(), ...answer.shape })),
  azure: z
    .strictObject({ server: z.string(), ...answer.shape })
    .describe("What Azure's own DNS answers, asked from here"),
  reaches: z
    .array(
      z.strictObject({
        address: z.string(),
        expected: z.boolean().describe("Whether it is a private endpoint's address"),
        tcp: stage,
        tls: stage.optional(),
        http: stage.optional(),
      }),
    )
    .describe("How far a connection to each address in question came"),
});
export type MatrixRow = z.infer<typeof matrixRowSchema>;

/** One station on the way from this machine to what a deployment needs. */
export const hopSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  name: z.string().describe("What stands there, by its own name; may be empty"),
  status: z
    .enum(["broken", "affected", "unknown", "warning", "ok", "none"])
    .describe("broken: a root cause lies here; affected: it fails because of another hop; none: nothing to judge"),
  words: z.string().describe("The status in a sentence"),
  after: z.array(z.string()).describe("The hops that lead here"),
  causes: z.array(z.string()).describe("Ids of the root causes that lie here"),
});
export type Hop = z.infer<typeof hopSchema>;
