import * as z from "zod";
import { gapAt, seen, type Observation } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";

/** A body judged by its schema. A body of another shape is a gap: nothing is read out of what is not understood. */
export function readAs<T>(schema: z.ZodType<T>, observation: Observation<unknown>, at: string): Observation<T> {
  if (observation.is !== "value") return observation;
  const parsed = schema.safeParse(observation.value);
  if (parsed.success) return seen(parsed.data);
  const issue = parsed.error.issues[0];
  return gapAt(at, {
    gap: "error",
    code: "unexpected-shape",
    message: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not understood"}`,
  });
}

/** GET of one resource, judged by its schema. */
export async function getAs<T>(
  context: Context,
  id: string,
  apiVersion: string,
  schema: z.ZodType<T>,
): Promise<Observation<T>> {
  return readAs(schema, await context.arm.get(id, { apiVersion }), `GET ${id}`);
}

/** GET of a collection, every item judged by its schema; one bad item makes the whole list a gap, because a list with
 * a hole would look complete. */
export async function listAs<T>(
  context: Context,
  path: string,
  apiVersion: string,
  schema: z.ZodType<T>,
  query?: Record<string, string>,
): Promise<Observation<T[]>> {
  return readAs(
    z.array(schema),
    await context.arm.list(path, { apiVersion, ...(query === undefined ? {} : { query }) }),
    `GET ${path}`,
  );
}

/** The schema of an observation of `schema`, for facts whose parts can be gaps by themselves. */
export function observationOf<T>(schema: z.ZodType<T>): z.ZodType<Observation<T>> {
  return z.union([
    z.object({ is: z.literal("value"), value: schema }),
    z.object({ is: z.literal("absent") }),
    z.looseObject({ is: z.literal("gap"), at: z.string(), gap: z.string() }),
  ]) as unknown as z.ZodType<Observation<T>>;
}

/** The schema of a part that may be a gap, with the id it was asked by. */
export function eachOf<T>(schema: z.ZodType<T>): z.ZodType<{ id: string; is: Observation<T> }> {
  return z.object({ id: z.string(), is: observationOf(schema) });
}

/** The same value once, compared without case; the first spelling stays. */
export function uniqueIds(ids: Iterable<string | null | undefined>): string[] {
  const byKey = new Map<string, string>();
  for (const id of ids)
    if (typeof id === "string" && id !== "" && !byKey.has(id.toLowerCase())) byKey.set(id.toLowerCase(), id);
  return [...byKey.values()];
}
