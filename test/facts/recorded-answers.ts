import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { seen, type Observation } from "../../src/model/observation.ts";
import type { Context } from "../../src/model/ports.ts";

const recording = z.object({ method: z.string(), url: z.string(), status: z.number(), body: z.unknown() });

/** A recorded answer of Azure, or an official example of one. */
export interface Recorded {
  /** The name of its file. */
  readonly name: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Lower case, child types included: `microsoft.network/privateendpoints/privatednszonegroups`. */
  readonly type: string;
  readonly status: number;
  readonly body: unknown;
}

/** Every recording and example below `folder`, by name. */
export function recordedAnswers(folder: string): Recorded[] {
  return ["recordings", "examples"].flatMap((part) =>
    readdirSync(path.join(folder, part))
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => {
        const { method, url, status, body } = recording.parse(
          JSON.parse(readFileSync(path.join(folder, part, name), "utf8")),
        );
        const [where = ""] = url.split("?");
        return { name: `${part}/${name}`, method, path: where, type: typeOf(where), status, body };
      }),
  );
}

/** The resources in an answer: those of a list, or the one that was asked for. */
export function resourcesIn({ body }: Pick<Recorded, "body">): unknown[] {
  const list = z.object({ value: z.array(z.unknown()) }).safeParse(body);
  return list.success ? list.data.value : [body];
}

/** What stands behind the last `/providers/`, types only. */
function typeOf(where: string): string {
  const [provider = "", ...rest] = (where.split("/providers/").at(-1) ?? "").split("/");
  return [provider, ...rest.filter((_, index) => index % 2 === 0)].join("/").toLowerCase();
}

/**
 * How `read`, which a schema made of `raw`, departs from it: every member that was made up or changed, and every member of
 * `raw` that was dropped although the schema has it in another spelling. Empty when all was read as it stands.
 */
export function departures(schema: z.ZodType, raw: unknown, read: unknown, at = "$"): string[] {
  const inner = bare(schema);
  if (Array.isArray(read)) {
    if (!Array.isArray(raw) || raw.length !== read.length) return [`${at}: another list`];
    const element = inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
    return read.flatMap((item, index) => departures(element ?? z.unknown(), raw[index], item, `${at}[${index}]`));
  }
  if (!isObject(read)) return Object.is(raw, read) ? [] : [`${at}: ${String(raw)} was read as ${String(read)}`];
  if (!isObject(raw)) return [`${at}: made up`];
  const shape = inner instanceof z.ZodObject ? (inner.shape as Readonly<Record<string, z.ZodType>>) : {};
  const misspelt = Object.keys(raw).flatMap((name) => {
    const known = Object.keys(shape).find((one) => one.toLowerCase() === name.toLowerCase());
    return known === undefined || known === name || known in raw
      ? []
      : [`${at}.${name}: the schema spells it ${known}`];
  });
  const members = Object.entries(read).flatMap(([name, value]) => {
    if (!(name in raw)) return value === undefined ? [] : [`${at}.${name}: made up`];
    const member = shape[name] ?? (inner instanceof z.ZodRecord ? (inner.valueType as z.ZodType) : z.unknown());
    return departures(member, raw[name], value, `${at}.${name}`);
  });
  return [...misspelt, ...members];
}

/** The schema behind `nullish()`. */
function bare(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? bare(schema.unwrap() as z.ZodType)
    : schema;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What facts look through when Resource Manager knows this one answer, whatever is asked. */
export function contextAnswering({ body }: Recorded): Context {
  const found = async (): Promise<Observation<unknown>> => seen(body);
  const list = async (): Promise<Observation<unknown[]>> => seen(resourcesIn({ body }));
  return { arm: { get: found, read: found, list } } as unknown as Context;
}
