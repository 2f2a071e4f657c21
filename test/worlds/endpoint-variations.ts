import { containerSays } from "./edit-deployment.ts";
import { forgetConnection } from "./edit-dependencies.ts";
import { answer, fromLaptop, scoreRequest as score } from "./edit-scoring.ts";
import { answerLike, azureDns, publicDns, remove, set } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";

const endpoint = "/onlineEndpoints/score1";
/** A variation in which a scoring request meets this status. */
function scoring(story: string, status: number, said: Pick<Variation, "roots"> & Partial<Variation>): Variation {
  return { story, baseline: "customer-network", change: (world) => answer(world, "scoring", status), score, ...said };
}

export const endpointVariations: readonly Variation[] = [
  {
    story: "the endpoint that was asked for has another name",
    baseline: "managed-network",
    change: (world) => (world.target.endpoint = "score2"),
    roots: ["infdns-model-endpoint-name-mismatch"],
    warns: ["oe-create-failed"],
    fix: [/score1/],
  },
  {
    story: "the deployment that was asked for has another name",
    baseline: "managed-network",
    change: (world) => (world.target.deployment = "green"),
    roots: [],
    warns: ["scoring-wrong-deployment-header"],
  },
  {
    story: "the endpoint could not be created",
    baseline: "managed-network",
    change: (world) => set(world, endpoint, { provisioningState: "Failed" }),
    roots: ["oe-create-failed"],
  },
  {
    story: "the endpoint could not be created beside a vault that keeps the service out",
    baseline: "managed-network",
    change(world) {
      set(world, endpoint, { provisioningState: "Failed" });
      set(world, "/vaults/kvmlprod", { networkAcls: { bypass: "None", defaultAction: "Deny" } });
    },
    roots: ["kv-bypass-not-azureservices"],
    effects: ["oe-create-failed"],
  },
  {
    story: "the endpoint is being created",
    baseline: "managed-network",
    change: (world) => set(world, endpoint, { provisioningState: "Creating" }),
    roots: [],
    not: ["oe-create-failed"],
  },
  {
    story: "the traffic goes to no deployment",
    baseline: "managed-network",
    change: (world) => set(world, endpoint, { traffic: {} }),
    roots: ["oe-traffic-unassigned"],
    fix: [/traffic/],
  },
  {
    story: "nothing is deployed yet, so that no traffic goes anywhere",
    baseline: "managed-network",
    change(world) {
      set(world, endpoint, { traffic: {} });
      remove(world, "/deployments/blue");
      delete world.target.deployment;
    },
    roots: [],
    not: ["oe-traffic-unassigned", "dep-provisioning-failed"],
  },
  {
    story: "the traffic goes to no deployment, and a request is sent",
    baseline: "customer-network",
    change(world) {
      set(world, endpoint, { traffic: {} });
      answer(world, "scoring", 404);
    },
    score,
    roots: ["oe-traffic-unassigned"],
    effects: ["scoring-404-no-positive-weight"],
  },
  scoring("an endpoint with traffic answers 404", 404, { roots: [], warns: ["scoring-404-no-positive-weight"] }),
  {
    story: "an endpoint of a public workspace is private only",
    baseline: "public",
    change(world) {
      set(world, endpoint, { publicNetworkAccess: "Disabled" });
      answer(world, "everybody", 403);
    },
    roots: ["oe-pna-disabled-no-private-path"],
    fix: [/private-endpoint-connection list/],
  },
  {
    story: "an endpoint is private only in a workspace that was opened and lost its private endpoint and zones",
    baseline: "customer-network",
    change(world) {
      set(world, "/workspaces/mlprod", { publicNetworkAccess: "Enabled" });
      for (const part of ["/privateEndpoints/pe-ws", "score1-blue-amlworkspace"])
        forgetConnection(world, "/workspaces/mlprod", part);
      for (const part of ["/privateEndpoints/pe-ws", "/networkInterfaces/pe-ws", "privatelink.api.azureml.ms"])
        remove(world, part);
      answerLike(world, azureDns, publicDns, (name) => /api\.azureml\.ms|inference\.ml\.azure/.test(name));
    },
    roots: ["oe-pna-disabled-no-private-path"],
    fix: [
      /private-endpoint create .*snet-pe .*amlworkspace/,
      /private-dns zone create .*privatelink\.api\.azureml\.ms/,
      /link vnet create .*privatelink\.api\.azureml\.ms .*vnet-spoke/,
      /dns-zone-group create .*privatelink\.api\.azureml\.ms/,
      /dns-zone-group add .*privatelink\.notebooks\.azure\.net/,
    ],
  },
  {
    story: "the private scoring address forbids everybody",
    baseline: "managed-network",
    change: (world) => answer(world, "everybody", 403),
    roots: ["scoring-403-forbidden"],
  },
  {
    story: "the workspace admits some addresses, and the scoring address forbids this one",
    baseline: "public",
    change(world) {
      set(world, "/workspaces/mlprod", { ipAllowlist: ["203.0.113.0/24"] });
      answer(world, "everybody", 403);
    },
    roots: ["scoring-selected-ips-enforced"],
  },
  {
    story: "an endpoint is public and its workspace is not, and the scoring address forbids the public",
    baseline: "managed-network",
    change(world) {
      set(world, endpoint, { publicNetworkAccess: "Enabled" });
      fromLaptop(world);
    },
    roots: ["cv-client-outside-vnet"],
    effects: ["oe-pna-enabled-blocked-by-policy-or-ips"],
  },
  scoring("the key is refused", 401, { roots: ["scoring-401-unauthorized"] }),
  scoring("the request takes too long", 408, { roots: [], warns: ["scoring-408-request-timeout"] }),
  scoring("there are too many requests", 429, { roots: [], warns: ["scoring-429-throttled"] }),
  {
    story: "the answers are slowed down",
    baseline: "customer-network",
    change: (world) => answer(world, "scoring", 200, { "ms-azureml-bandwidth-request-delay-ms": "120" }),
    score,
    roots: [],
    warns: ["scoring-bandwidth-throttled"],
  },
  scoring("the model fails", 424, { roots: ["scoring-424-model-error"] }),
  ...[500, 502, 503, 504].map((status) =>
    scoring(`the scoring address answers ${status}`, status, { roots: ["scoring-500-502-503-504"] }),
  ),
  {
    story: "the scoring address fails whoever has no key",
    baseline: "managed-network",
    change: (world) => answer(world, "everybody", 503),
    roots: [],
    warns: ["scoring-500-502-503-504"],
  },
  scoring("the request is answered", 200, { roots: [], not: ["scoring-401-unauthorized"] }),
  {
    story: "the model has failed and works again",
    baseline: "customer-network",
    change: (world) =>
      containerSays(world, [
        '2026-09-18 07:05:51,091 I [124] gunicorn.access - 127.0.0.1 - - "POST /score HTTP/1.0" 500 12 "-"',
        '2026-09-18 07:05:59,091 I [124] gunicorn.access - 127.0.0.1 - - "POST /score HTTP/1.0" 200 12 "-"',
      ]),
    roots: [],
    warns: ["scoring-424-model-error"],
  },
];
