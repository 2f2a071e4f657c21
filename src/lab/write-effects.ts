import { parentId } from "../model/arm-id.ts";
import { objectOf, objectsOf, propertiesOf, textOf, type Draft } from "./draft.ts";
import { buildEndpoint, clearEndpoint, settleConnection } from "./private-endpoint-effects.ts";
import { answerFromZones } from "./zone-answers.ts";
import { writeZoneGroup } from "./zone-groups.ts";
import type { WorldResource } from "./world.ts";

/** One write: the resource before and after it, either of which may be missing. */
export interface Change {
  /** Lower case. */
  readonly type: string;
  readonly before: WorldResource | undefined;
  readonly after: WorldResource | undefined;
  /** What was deleted with it. */
  readonly below: readonly WorldResource[];
}

const privateEndpoints = "microsoft.network/privateendpoints";

/** Lets a write have the consequences that it has in Azure and that a diagnosis can see. */
export function takeEffect(draft: Draft, before: Draft, change: Change): void {
  const { type, after } = change;
  if (type.endsWith("/privateendpointconnections") && after !== undefined) settleConnection(draft, after);
  if (type === privateEndpoints) onEndpoint(draft, change);
  if (type === `${privateEndpoints}/privatednszonegroups` && after !== undefined)
    writeZoneGroup(draft, after, change.before);
  if (type === "microsoft.machinelearningservices/workspaces/outboundrules") onOutboundRule(draft, change);
  if (type === "microsoft.authorization/roleassignments" && after !== undefined) {
    const scope = after.id.slice(0, after.id.toLowerCase().lastIndexOf("/providers/microsoft.authorization/"));
    Object.assign(propertiesOf(after), { scope });
  }
  if (type.startsWith("microsoft.network/privatednszones/") && after !== undefined) onRecordSet(after);
  if (type === "microsoft.network/privatednszones/virtualnetworklinks" && after !== undefined)
    Object.assign(propertiesOf(after), { virtualNetworkLinkState: "Completed" });
  answerFromZones(draft, before);
}

function onEndpoint(draft: Draft, { before, after, below }: Change): void {
  if (after === undefined && before !== undefined) {
    clearEndpoint(
      draft,
      before,
      below.filter(({ type }) => type.toLowerCase() === `${privateEndpoints}/privatednszonegroups`),
    );
  } else if (after !== undefined && objectsOf(propertiesOf(after)["networkInterfaces"]).length === 0) {
    buildEndpoint(draft, after);
  }
}

/** A rule is put to work at once, and the workspace lists it by name. */
function onOutboundRule(draft: Draft, { before, after }: Change): void {
  const rule = after ?? before;
  const network = rule && objectOf(propertiesOf(draft.find(parentId(rule.id)))["managedNetwork"]);
  if (rule === undefined || network === undefined) return;
  if (after !== undefined) Object.assign(propertiesOf(after), { status: "Active" });
  const others = Object.entries(objectOf(network["outboundRules"])).filter(([name]) => name !== rule.name);
  network["outboundRules"] = Object.fromEntries([
    ...others,
    ...(after === undefined ? [] : [[rule.name ?? "", propertiesOf(after)] as const]),
  ]);
}

/** Record sets have a name in full, which the service makes. */
function onRecordSet(recordSet: WorldResource): void {
  const zoneId = parentId(recordSet.id);
  const properties = propertiesOf(recordSet);
  // Clients of older versions write the property names in their own case.
  const records = properties["aRecords"] ?? properties["ARecords"];
  if (records === undefined) return;
  Object.assign(properties, {
    aRecords: objectsOf(records),
    ttl: properties["ttl"] ?? properties["TTL"] ?? 3600,
    fqdn: `${recordSet.name ?? ""}.${textOf(zoneId.slice(zoneId.lastIndexOf("/") + 1))}.`,
    isAutoRegistered: false,
  });
}
