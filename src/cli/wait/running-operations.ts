import type { Observation } from "../../model/observation.ts";

/** A resource that Azure is still working on. */
export interface RunningOperation {
  readonly id: string;
  /** `Updating`, `Creating`, … as Azure wrote it. */
  readonly state: string;
}

/** States of an operation that will end by itself end in -ing, or are these. */
const underWay = /^(?:[a-z]+ing|accepted|inprogress)$/i;
/** An approval is awaited: a state of connections, which the checks judge themselves. */
const notAnOperation = /^(?:pending|running)$/i;

/**
 * The resources whose operations have not ended, among everything that a run has read. What is read stays in wire form, so
 * that one walk finds every `properties.provisioningState`, and the state of a managed network.
 */
export function runningOperations(seen: Readonly<Record<string, Observation<unknown>>>): readonly RunningOperation[] {
  const found = new Map<string, RunningOperation>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    const id = textAt(value, "id");
    const properties: unknown = Reflect.get(value, "properties");
    const state = [
      textAt(properties, "provisioningState"),
      textAt(childOf(childOf(properties, "managedNetwork"), "status"), "status"),
    ].find((each) => each !== undefined && underWay.test(each) && !notAnOperation.test(each));
    if (id !== undefined && state !== undefined) found.set(id.toLowerCase(), { id, state });
    Object.values(value).forEach(visit);
  };
  for (const observation of Object.values(seen)) if (observation.is === "value") visit(observation.value);
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  const text = childOf(value, key);
  return typeof text === "string" ? text : undefined;
}
