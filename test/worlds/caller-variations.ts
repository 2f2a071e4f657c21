import type { World } from "../../src/lab/world.ts";
import { doors, revoke, takeAway, workspaceResource } from "./edit-dependencies.ts";
import { computeSays } from "./edit-networks.ts";
import { add, answerLike, azureDns, publicDns, set, tcp } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const endpoint = "/onlineEndpoints/score1";
const workspace = "/workspaces/mlprod";
const stranger = "00000000-0000-4000-8000-0000000d0001";
/** Who is signed in in the baselines, and holds AzureML Data Scientist on the workspace. */
const scientist = "5624252b-8e76-5a4a-9ee9-42dc8314f846";
const wrongKey = { body: '{"data": [[1, 2]]}', authorization: "Bearer made-up-endpoint-key-0001" };

/** A scoring request with an access token; nobody here checks its signature. */
function tokenOf(oid: string, aud = "https://ml.azure.com"): NonNullable<Variation["score"]> {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = [part({ typ: "JWT", alg: "none" }), part({ oid, aud, idtyp: "app", exp: 4_000_000_000 }), "made-up"];
  return { body: '{"data": [[1, 2]]}', authorization: `Bearer ${token.join(".")}` };
}

/** The scoring addresses refuse whoever sends a scoring request. */
function refuse(world: World, authMode: string, status = 401): void {
  set(world, endpoint, { authMode });
  for (const { http = [] } of world.network.endpoints)
    for (const rule of http)
      if (rule.host?.startsWith("score1.") === true && rule.method === "POST")
        Object.assign(rule, { status, body: "" });
}

let events = 0;

/** An event of the activity log, `minutes` after a time on one day. */
function log(world: World, resourceId: string, minutes: number, status: string, statusMessage?: string): void {
  const values = `/subscriptions/${world.target.subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`;
  const type = resourceId.includes("/onlineEndpoints/") ? "workspaces/onlineEndpoints" : "workspaces";
  events += 1;
  add(world, {
    id: `${values}/event-${events}`,
    type: "Microsoft.Insights/eventtypes/values",
    resourceId,
    eventTimestamp: new Date(Date.UTC(2026, 0, 1, 8, minutes)).toISOString(),
    operationName: { value: `Microsoft.MachineLearningServices/${type}/write` },
    status: { value: status },
    properties: statusMessage === undefined ? {} : { statusCode: "BadRequest", statusMessage },
  });
}

const legacy = '{"error":{"code":"UserError","message":"Not supported for workspaces with V1LegacyMode == true"}}';

/** The endpoint that was asked for does not exist; creating it was refused, `minutes` after the workspace was written. */
function refusedAfter(world: World, minutes: number): void {
  world.target.endpoint = "score2";
  set(world, workspace, { v1LegacyMode: false });
  log(world, workspaceResource, 0, "Succeeded");
  log(world, `${workspaceResource}/onlineEndpoints/score2`, minutes, "Started");
  log(world, `${workspaceResource}/onlineEndpoints/score2`, minutes, "Failed", legacy);
}

/** A template deployment that wrote the workspace on a day of January. */
function deployed(world: World, name: string, day: number, apiVersion?: string): void {
  const group = workspaceResource.split("/providers/")[0] ?? "";
  add(world, {
    id: `${group}/providers/Microsoft.Resources/deployments/${name}`,
    name,
    type: "Microsoft.Resources/deployments",
    properties: {
      provisioningState: "Succeeded",
      timestamp: new Date(Date.UTC(2026, 0, day)).toISOString(),
      outputResources: [{ id: workspaceResource, ...(apiVersion === undefined ? {} : { apiVersion }) }],
    },
  });
}

/** The machine stands on premises, with the private endpoints in reach; `server` is its DNS server. */
function onPremises(world: World, server: string, like?: string): void {
  const known = world.dns.servers[azureDns];
  if (known === undefined) throw new Error("the baseline has no Azure DNS");
  if (server !== publicDns) {
    world.dns.servers[server] = { records: [], overrides: [] };
    answerLike(world, server, like ?? publicDns);
  }
  delete world.dns.servers["168.63.129.16"];
  world.vantage = { name: "wks-114", addresses: ["10.50.1.20"], resolvers: [server], environment: {}, hostsFile: {} };
}

const loseNodes = (world: World, others = 0): void =>
  computeSays(world, "train-cluster", { nodeStateCounts: { unusableNodeCount: 2, runningNodeCount: others } });

export const callerVariations: readonly Variation[] = [
  {
    story: "the token that was sent belongs to somebody without a role",
    baseline: "customer-network",
    change: (world) => refuse(world, "AADToken"),
    score: tokenOf(stranger),
    roots: ["rbac-score-action-missing"],
    effects: ["scoring-401-unauthorized"],
    fix: [new RegExp(`${stranger}.*AzureML Data Scientist.*onlineEndpoints/score1`)],
  },
  {
    story: "the token of somebody without a role is answered 403",
    baseline: "customer-network",
    change: (world) => refuse(world, "AADToken", 403),
    score: tokenOf(stranger),
    roots: ["rbac-score-action-missing"],
    effects: ["scoring-403-forbidden"],
  },
  {
    story: "the token of somebody who may score is refused",
    baseline: "customer-network",
    change: (world) => refuse(world, "AADToken"),
    score: tokenOf(scientist),
    roots: ["scoring-401-unauthorized"],
    not: ["rbac-score-action-missing"],
  },
  {
    story: "the token is for another service",
    baseline: "customer-network",
    change: (world) => refuse(world, "AADToken"),
    score: tokenOf(stranger, "https://management.azure.com"),
    roots: ["scoring-401-unauthorized"],
    not: ["rbac-score-action-missing"],
  },
  {
    story: "the key is refused, and whoever is signed in may not fetch the right one",
    baseline: "customer-network",
    change(world) {
      refuse(world, "Key");
      revoke(world, scientist, workspace);
    },
    score: wrongKey,
    roots: ["scoring-401-unauthorized"],
    warns: ["rbac-endpoint-keys-missing"],
    not: ["rbac-score-action-missing"],
  },
  {
    story: "the key is refused, and whoever is signed in may fetch the right one",
    baseline: "customer-network",
    change: (world) => refuse(world, "Key"),
    score: wrongKey,
    roots: ["scoring-401-unauthorized"],
    not: ["rbac-endpoint-keys-missing"],
  },
  {
    story: "whoever is signed in may not fetch keys, and nobody needs one",
    baseline: "customer-network",
    change: (world) => revoke(world, scientist, workspace),
    roots: [],
    not: ["rbac-endpoint-keys-missing", "rbac-score-action-missing"],
  },
  {
    story: "an endpoint was refused for v1 legacy mode half an hour after the workspace was written",
    baseline: "managed-network",
    change: (world) => refusedAfter(world, 30),
    roots: ["ws-v1-legacy-mode-propagating"],
    effects: ["infdns-model-endpoint-name-mismatch"],
    warns: ["oe-create-failed"],
  },
  {
    story: "an endpoint was refused for v1 legacy mode before the workspace was written",
    baseline: "managed-network",
    change: (world) => refusedAfter(world, -30),
    roots: ["infdns-model-endpoint-name-mismatch"],
    not: ["ws-v1-legacy-mode-propagating"],
  },
  {
    story: "an endpoint was refused for v1 legacy mode a day after the workspace was written",
    baseline: "managed-network",
    change: (world) => refusedAfter(world, 24 * 60),
    roots: ["infdns-model-endpoint-name-mismatch"],
    not: ["ws-v1-legacy-mode-propagating"],
  },
  {
    story: "a template with an old api-version deployed the workspace, and v1 legacy mode is on",
    baseline: "managed-network",
    change(world) {
      set(world, workspace, { v1LegacyMode: true });
      deployed(world, "aml-2021", 10, "2021-07-01");
    },
    roots: ["ws-v1-legacy-mode-enabled"],
    warns: ["ws-v1-legacy-mode-reset-by-iac"],
  },
  {
    story: "a template with a newer api-version deployed the workspace last, and v1 legacy mode is on",
    baseline: "managed-network",
    change(world) {
      set(world, workspace, { v1LegacyMode: true });
      deployed(world, "aml-2021", 10, "2021-07-01");
      deployed(world, "aml-2024", 20, "2024-04-01");
    },
    roots: ["ws-v1-legacy-mode-enabled"],
    not: ["ws-v1-legacy-mode-reset-by-iac"],
  },
  {
    story: "a machine on premises reaches the private endpoints and asks a public resolver",
    baseline: "customer-network",
    change: (world) => onPremises(world, publicDns),
    roots: ["dns-vpn-or-expressroute-client"],
    effects: ["infdns-resolves-public-private-endpoint", "ws-pna-disabled-client-public", "kv-dns-resolves-public"],
    not: ["dns-custom-no-forwarder", "cv-client-outside-vnet"],
    fix: [/vnet show/],
  },
  {
    story: "a machine on premises asks a DNS server there that forwards nothing",
    baseline: "customer-network",
    change: (world) => onPremises(world, "10.50.0.53"),
    roots: ["dns-custom-no-forwarder"],
    effects: ["dns-vpn-or-expressroute-client", "infdns-resolves-public-private-endpoint"],
  },
  {
    story: "a machine on premises asks a DNS server there that forwards to Azure",
    baseline: "customer-network",
    change: (world) => onPremises(world, "10.50.0.53", azureDns),
    roots: [],
    not: ["dns-vpn-or-expressroute-client", "cv-client-outside-vnet"],
  },
  {
    story: "the public scoring address takes no connections from here",
    baseline: "public",
    change: (world) => tcp(world, (address) => address === "20.85.1.20", "timeout"),
    roots: ["scoring-tcp-timeout"],
  },
  {
    story: "a firewall drops port 443 to the workspace's private endpoint, and the scoring address with it",
    baseline: "managed-network",
    change: (world) => tcp(world, (address) => address.startsWith("10.1.0."), "timeout"),
    roots: ["cv-tcp-443-to-pe-blocked"],
    effects: ["scoring-tcp-timeout"],
  },
  {
    story: "the scoring address answers everybody 403",
    baseline: "managed-network",
    change(world) {
      for (const { http = [] } of world.network.endpoints)
        for (const rule of http) if (rule.host?.startsWith("score1.") === true) Object.assign(rule, { status: 403 });
    },
    roots: ["scoring-403-forbidden"],
    not: ["scoring-tcp-timeout"],
  },
  {
    story: "the storage account's firewall refuses this machine, and the SDK on it",
    baseline: "managed-network",
    change: (world) => takeAway(world, doors.blob),
    roots: ["st-no-blob-pe"],
    effects: ["st-firewall-blocks-client", "cmp-dev-environment-storage", "cmp-job-submission-path"],
  },
  {
    story: "every node of a cluster is unusable, so that jobs wait",
    baseline: "customer-network",
    change: (world) => loseNodes(world),
    roots: ["cmp-nodes-unusable"],
    effects: ["cmp-job-submission-path"],
    not: ["cmp-dev-environment-storage"],
  },
  {
    story: "some nodes of a cluster are unusable, and others run",
    baseline: "customer-network",
    change: (world) => loseNodes(world, 3),
    roots: ["cmp-nodes-unusable"],
    not: ["cmp-job-submission-path"],
  },
];
