import type { FoundVerdict } from "../../src/model/finding.ts";

/** Kinds of resource by the name that a reason's data gives to an id of one. */
const kinds: Readonly<Record<string, string>> = {
  vnetid: "Microsoft.Network/virtualNetworks/VNET",
  networkid: "Microsoft.Network/virtualNetworks/VNET",
  subnetid: "Microsoft.Network/virtualNetworks/VNET/subnets/SUBNET",
  zoneid: "Microsoft.Network/privateDnsZones/ZONE",
  endpointid: "Microsoft.Network/privateEndpoints/PRIVATE-ENDPOINT",
  privateendpointid: "Microsoft.Network/privateEndpoints/PRIVATE-ENDPOINT",
  nicid: "Microsoft.Network/networkInterfaces/NIC",
  vmid: "Microsoft.Compute/virtualMachines/VM",
  vaultid: "Microsoft.KeyVault/vaults/VAULT",
  accountid: "Microsoft.Storage/storageAccounts/ACCOUNT",
  storageid: "Microsoft.Storage/storageAccounts/ACCOUNT",
  registryid: "Microsoft.ContainerRegistry/registries/REGISTRY",
  clusterid: "Microsoft.ContainerService/managedClusters/CLUSTER",
  workspaceid: "Microsoft.MachineLearningServices/workspaces/WORKSPACE",
  onlineendpointid: "Microsoft.MachineLearningServices/workspaces/WORKSPACE/onlineEndpoints/ENDPOINT",
  deploymentid:
    "Microsoft.MachineLearningServices/workspaces/WORKSPACE/onlineEndpoints/ENDPOINT/deployments/DEPLOYMENT",
  computeid: "Microsoft.MachineLearningServices/workspaces/WORKSPACE/computes/COMPUTE",
  policyid: "Microsoft.Network/firewallPolicies/POLICY",
};

/** Members whose value decides what is told; the word is the usual case. */
const usual: Readonly<Record<string, string>> = { status: "Pending" };

/** Members of objects for which no word can stand. */
const settled: Readonly<Record<string, unknown>> = { own: [], before: undefined };

/** Ids that are no resource ids. */
const plainIds = new Set(["principalid", "clientid", "tenantid", "objectid", "subscriptionid"]);

/** `endpointName` as `ENDPOINT-NAME`. */
function word(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toUpperCase();
}

function resourceId(key: string): string {
  const path = kinds[key.toLowerCase()] ?? `PROVIDER/TYPE/${word(key).replace(/-?ID$/, "") || "NAME"}`;
  return `/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/${path}`;
}

type Shape = "plain" | "id" | "list" | "objects" | "object" | "number" | "none";

/** Shapes to try for a member, the likeliest first. */
function shapesOf(key: string): readonly Shape[] {
  const isId = /id$/i.test(key) && !plainIds.has(key.toLowerCase());
  return isId ? ["id", "plain", "none"] : ["plain", "list", "objects", "object", "number", "id", "none"];
}

function standIn(key: string, shape: Shape): unknown {
  switch (shape) {
    case "plain":
      return usual[key] ?? word(key);
    case "id":
      return resourceId(key);
    case "list":
      return [word(key)];
    case "objects":
      return [members(key)];
    case "object":
      return members(key);
    case "number":
      return 1;
    case "none":
      return undefined;
  }
}

/** An object whose every member is a word of that name. */
function members(key: string): object {
  return new Proxy(
    {},
    {
      get: (_, member) =>
        typeof member === "symbol"
          ? undefined
          : member in settled
            ? settled[member]
            : /id$/i.test(member)
              ? resourceId(member === "id" ? `${key}Id` : member)
              : word(member),
    },
  );
}

/** Signs that a text was made from the wrong shape. */
const wrong = /undefined|\[object |NaN|function |(^|[\s,'"])[A-Z](, [A-Z]){3}|[ '][B-Z]["']/;

/** Trials per text; members are few, and most texts take their first shapes. */
const trials = 600;

/**
 * What a text of a reason says when each value in it is a word of its name. The data of a reason has a type that is gone
 * when the program runs, so shapes are tried until the text comes out sound; undefined when none does.
 */
export function withStandIns<T>(reason: string, write: (found: FoundVerdict) => T): T | undefined {
  const queue: ReadonlyMap<string, Shape>[] = [new Map()];
  const tried = new Set<string>();
  for (let trial = 0; trial < trials; trial += 1) {
    const chosen = queue.shift();
    if (chosen === undefined) return undefined;
    const used = new Map<string, Shape>();
    const value = (key: string): unknown => {
      const shape = chosen.get(key) ?? shapesOf(key)[0] ?? "plain";
      used.set(key, shape);
      return standIn(key, shape);
    };
    const data = new Proxy(
      {},
      { get: (_, key) => (typeof key === "symbol" ? undefined : value(key)), has: () => true },
    );
    const found: FoundVerdict = {
      is: "found",
      reason,
      about: [],
      evidence: [],
      confidence: "confirmed",
      ruledOut: [],
      data,
      get subject() {
        return value("subject") as string;
      },
    };
    try {
      const text = write(found);
      if (text !== undefined && !wrong.test(JSON.stringify(text))) return text;
    } catch {
      // A shape that does not fit; the next one may.
    }
    for (const [key, shape] of used) {
      const shapes = shapesOf(key);
      const next = shapes[shapes.indexOf(shape) + 1];
      if (next === undefined) continue;
      const further = new Map([...used, [key, next] as const]);
      const name = JSON.stringify([...further].sort());
      if (tried.has(name)) continue;
      tried.add(name);
      queue.push(further);
    }
  }
  return undefined;
}
