import * as z from "zod";

const status = z.enum(["pass", "warn", "fail", "unknown", "skipped"]);

/** One step: a probe, or all probes of an area, and why it is asked here. */
export const stepSchema = z.strictObject({
  probe: z.string().regex(/^(\*|[a-z0-9-]+\/(\*|[a-z0-9-]+))$/, "must be `area/name`, `area/*` or `*`"),
  because: z.string().min(1),
  /** What to do after a status; the default is to continue. */
  on: z.partialRecord(status, z.enum(["continue", "stop"])).optional(),
});

export const playbookSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** The complaint in the user's words. */
  symptom: z.string().min(1),
  /** The same complaint as others put it; a complaint is compared with each of them, word by word. */
  wordings: z.array(z.string().min(1)).optional(),
  /** Fragments of error messages that lead here, compared word by word, without case and punctuation. `...` stands for
   * the part of a message that varies, of up to 300 characters. */
  errors: z
    .array(
      z
        .string()
        .min(4)
        .regex(/[\p{L}\p{N}]{2}/u, "must hold a word"),
    )
    .optional(),
  docs: z.array(z.url()),
  steps: z.array(stepSchema).min(1),
});

export type Step = z.infer<typeof stepSchema>;
/** A documented symptom and the order in which to look: data, no logic. */
export type Playbook = z.infer<typeof playbookSchema>;
