import { describe, expect, it } from "vitest";
import probe from "../../../probes/deployment/log-collection.ts";
import { seen } from "../../../src/model/observation.ts";
import { denied, endpoints, ids } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

type Log = { category?: string; categoryGroup?: string; enabled: boolean };
const id = `${ids.endpoint}/providers/Microsoft.Insights/diagnosticSettings/to-log`;
const on = (...categories: string[]): Log[] => categories.map((category) => ({ category, enabled: true }));
const setting = (logs: readonly Log[] | null, workspaceId: string | null = "/la") => ({
  id,
  name: "to-log",
  properties: { workspaceId, logs },
});
const facts = (...settings: unknown[]): Record<string, unknown> => ({
  endpoints: endpoints(),
  settings: [{ id: ids.endpoint, is: seen(settings) }],
});
const [traffic, told, events] = [
  "AmlOnlineEndpointTrafficLog",
  "AmlOnlineEndpointConsoleLog",
  "AmlOnlineEndpointEventLog",
] as const;
const found = "dep-logs-unavailable-or-stripped";

describe("the logs of an endpoint", () => {
  it.each([
    ["are asked for by nobody", facts(), "skip"],
    ["are sent whole", facts(setting(on(traffic, told, events))), "pass"],
    ["are sent as a group", facts(setting([{ categoryGroup: "allLogs", enabled: true }])), "pass"],
    ["are sent whole by two settings", facts(setting(on(traffic, told)), setting(on(events))), "pass"],
    ["are sent without what containers write", facts(setting(on(traffic))), found],
    ["are sent without events", facts(setting(on(traffic, told))), found],
    ["are sent to storage alone", facts(setting(on(traffic), null)), "skip"],
    ["are not sent, metrics are", facts(setting(null)), "skip"],
    ["are named and switched off", facts(setting([{ category: told, enabled: false }])), "skip"],
    ["may not be looked at", { endpoints: endpoints(), settings: [{ id: ids.endpoint, is: denied }] }, "unknown"],
    ["are none: there is no managed endpoint", { endpoints: [], settings: [] }, "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(probe, given)).toBe(expected);
  });

  it("go on being sent, with what is missing besides", () => {
    const commands = commandsOf(probe, facts(setting(on(traffic))));
    for (const wanted of [id, traffic, told, events, `${ids.deployment}/getLogs`]) expect(commands).toContain(wanted);
  });
});
