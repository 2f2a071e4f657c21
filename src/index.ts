/** What a program that embeds aml-doctor may import from its sources; the npm package holds the command alone. Everything
 * else may change without notice. */
export { diagnose } from "./engine/run.ts";
export { createRegistry, loadProbes, RegistryError, type Registry } from "./engine/registry.ts";
export { reason, defineProbe, type Probe, type Reason } from "./model/probe.ts";
export { defineFact, maybe, raw, type Fact } from "./model/fact.ts";
export type { Playbook, Step } from "./model/playbook.ts";
export type { ArmPort, Context, DnsPort, MachinePort, NetPort, Target } from "./model/ports.ts";
export { clouds, type Cloud, type CloudName } from "./model/cloud.ts";
export {
  reportSchema,
  reportSchemaId,
  type Report,
  type ReportFinding,
  type RootCause,
  type Unknown,
} from "./model/report.ts";
export { reportJsonSchema } from "./model/report-json-schema.ts";
export { createArm } from "./azure/arm.ts";
export { createCredential } from "./azure/credential.ts";
export { createDns } from "./net/dns.ts";
export { createMachine } from "./net/machine.ts";
export { createNet } from "./net/net.ts";
export { directRoute, type Route } from "./net/route.ts";
export { renderHtml } from "./reporters/html/html.ts";
export { renderJson } from "./reporters/json.ts";
export { renderJsonLines } from "./reporters/jsonl.ts";
export { renderJunit } from "./reporters/junit.ts";
export { renderMarkdown } from "./reporters/markdown.ts";
export { renderOpenMetrics } from "./reporters/openmetrics.ts";
export { renderPluginLine } from "./reporters/plugin-line.ts";
export { renderSarif } from "./reporters/sarif.ts";
export { renderText } from "./reporters/text.ts";
export type { View } from "./reporters/page.ts";
export { startLab, type Lab } from "./lab/lab.ts";
export { applyPatch, parseWorld, WorldError, type World } from "./lab/world.ts";
