import { beforeAll, describe, expect, it } from "vitest";
import { clearBest, findPlaybook } from "../../playbooks/match.ts";
import type { Playbook } from "../../src/model/playbook.ts";
import type { Report } from "../../src/model/report.ts";
import type { World } from "../../src/lab/world.ts";
import { symptomPlaybooks } from "../playbooks/shipped.ts";
import { clusterNetworkVariations } from "./cluster-network-variations.ts";
import { clusterVariations } from "./cluster-variations.ts";
import { computeVariations } from "./compute-variations.ts";
import { deploymentVariations } from "./deployment-variations.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline } from "./edit.ts";
import { endpointVariations } from "./endpoint-variations.ts";
import type { Variation } from "./expect-variation.ts";
import { identityVariations } from "./identity-variations.ts";
import { keyVaultVariations } from "./key-vault-variations.ts";
import { kubernetesVariations } from "./kubernetes-variations.ts";
import { managedNetworkVariations } from "./managed-network-variations.ts";
import { networkRuleVariations } from "./network-rule-variations.ts";
import { networkVariations } from "./network-variations.ts";
import { registryVariations } from "./registry-variations.ts";
import { routerVariations } from "./router-variations.ts";
import { storagePathVariations } from "./storage-path-variations.ts";
import { storageSettingVariations } from "./storage-setting-variations.ts";
import { workspaceVariations } from "./workspace-variations.ts";

const variations: ReadonlyMap<string, Variation> = new Map(
  [
    ...networkVariations,
    ...workspaceVariations,
    ...keyVaultVariations,
    ...storagePathVariations,
    ...storageSettingVariations,
    ...registryVariations,
    ...identityVariations,
    ...managedNetworkVariations,
    ...deploymentVariations,
    ...endpointVariations,
    ...clusterVariations,
    ...clusterNetworkVariations,
    ...kubernetesVariations,
    ...routerVariations,
    ...computeVariations,
    ...networkRuleVariations,
  ].map((variation) => [variation.story, variation]),
);

/** What a person with this estate sees and pastes, and the story of the estate. */
const walks: Readonly<Record<string, readonly [complaint: string, story: string]>> = {
  "workspace-cannot-be-reached": [
    "Access to workspace was denied based on workspace private link configuration.",
    "the workspace lets selected addresses in, and not this machine's",
  ],
  "endpoint-creation-v1-legacy-mode": ["(BadRequest) V1LegacyMode == true", "v1 legacy mode is on"],
  "endpoint-creation-key-authentication": [
    "Client address is not authorized and caller was ignored because bypass is set to None",
    "the endpoint could not be created beside a vault that keeps the service out",
  ],
  "endpoint-creation-fails": ["ERROR: (BadRequest) The request is bad.", "the endpoint could not be created"],
  "refused-by-quota-or-policy": ["OutOfQuota: Not enough quota available", "there is no quota for the machines"],
  "rights-missing": ["(AuthorizationFailed) The client may not", "the deployer may not write endpoints"],
  "resource-not-found": ["(ResourceNotFound) The Resource kv1 was not found", "the key vault is gone"],
  "scoring-name-not-resolved": [
    "curl: (6) Could not resolve host: score1",
    "the inference record is missing in the zone",
  ],
  "names-resolve-wrongly": ["status: SERVFAIL", "the custom DNS server forwards nothing"],
  "connection-times-out": [
    "curl: (28) Failed to connect to score1 port 443: Connection timed out",
    "a group keeps this machine from the private endpoints",
  ],
  "certificate-refused": ["[SSL: CERTIFICATE_VERIFY_FAILED]", "an inspecting device replaces certificates"],
  "proxy-in-the-way": [
    "Received HTTP code 403 from proxy after CONNECT",
    "a proxy in the environment refuses the workspace's names",
  ],
  "cannot-sign-in": [
    "HTTPSConnectionPool(host='management.azure.com', port=443): Failed to establish a new connection",
    "this machine is a laptop on the internet",
  ],
  "key-vault-refuses": ["(Forbidden) ForbiddenByConnection", "the key vault has no private endpoint for the clients"],
  "storage-refuses": [
    "KeyBasedAuthenticationNotPermitted",
    "the storage account refuses the keys that the datastores hold",
  ],
  "batch-scoring-hangs": ["the ParallelRunStep hangs", "a batch endpoint has no private endpoints for queue and table"],
  "registry-refuses": [
    "client with IP '203.0.113.9' is not allowed access",
    "the registry has no private endpoint for the clients",
  ],
  "image-download-error": ["Unable to download user container image", "the image is not in the registry"],
  "model-download-error": [
    "Unable to download user model: churn:7",
    "the model lies in an account that secured egress does not reach",
  ],
  "secrets-not-injected": ["SecretsInjectionError", "the secrets of a deployment could not be read"],
  "container-does-not-start": ["ResourceNotReady", "the container of a deployment does not start"],
  "deployment-rejected": [
    "The EgressPublicNetworkAccess under online deployment is no longer supported",
    "a deployment of a managed network asks for egress of its own",
  ],
  "managed-network-not-ready": ["WorkspaceManagedNetworkNotReady", "the managed network was never provisioned"],
  "compute-not-usable": [
    "2 compute nodes in state unusable",
    "computes without public addresses have no way out, and nodes are lost",
  ],
  "hosts-blocked-by-firewall": [
    "Action: Deny. Reason: No rule matched",
    "the firewall does not let the computes sign in, and nodes are lost",
  ],
  "kubernetes-attach-fails": ["(ClusterNotFound)", "the attached cluster was deleted"],
  "kubernetes-extension-fails": [
    "E45003, BAD_NETWORK_CONNECTIVITY",
    "the extension finds that the cluster does not get out",
  ],
  "kubernetes-deployment-fails": ["PodUnschedulable", "no node has room for the model's pod"],
  "kubernetes-scoring-fails": ["azureml-fe-v2-0 0/1 Running", "the router has no replica that serves"],
  "aks-v1-fails": [
    "the internal load balancer of the web service stays pending",
    "the identity of a v1 cluster has no role on its network, and scoring calls do not arrive",
  ],
  "scoring-refused": ["HTTP/1.1 403 Forbidden", "the private scoring address forbids everybody"],
  "deployment-cannot-be-scored": [
    "does not have any valid deployment with positive weight",
    "the traffic goes to no deployment",
  ],
  "scoring-answers-with-errors": ["HTTP/1.1 424 Failed Dependency", "the model fails"],
  "studio-features-fail": [
    "Unable to preview this data",
    "the storage account admits neither trusted services nor the workspace, so that the studio shows no data",
  ],
  "compute-instance-cannot-be-opened": [
    "JupyterLab on the compute instance does not connect",
    "the hub's server resolves compute instances publicly",
  ],
  "logs-or-telemetry-missing": [
    "AmlOnlineEndpointTrafficLog has no rows",
    "a private link scope takes telemetry from private networks only",
  ],
};

/** All the time that a busy machine wants: few of these estates are silent anywhere. */
const waits = { armMs: 10_000, dnsMs: 1000, connectMs: 2000, kubernetesMs: 9000 };

function follow(playbook: Playbook, world: World, { score }: Pick<Variation, "score"> = {}): Promise<Report> {
  const sent = score === undefined ? {} : { score: score.body };
  const authorized = score?.authorization === undefined ? {} : { scoreAuthorization: score.authorization };
  return diagnoseWorld(world, { waits, deadlineMs: 40_000, playbook, ...sent, ...authorized });
}

describe("a playbook", () => {
  // The first run loads everything: its short waits would pass meanwhile.
  beforeAll(() => diagnoseWorld(baseline("public"), { waits }), 30_000);

  it("is walked for every symptom", () => {
    expect(Object.keys(walks).sort()).toEqual(symptomPlaybooks.map(({ id }) => id).sort());
  });

  it.each(symptomPlaybooks)(
    "$id finds the root cause where there is one, and nothing in a sound estate",
    async (playbook) => {
      const [complaint, story] = walks[playbook.id] ?? ["", ""];
      expect(clearBest(findPlaybook(symptomPlaybooks, complaint))?.playbook.id).toBe(playbook.id);
      const variation = variations.get(story);
      if (variation === undefined) throw new Error(`there is no variation "${story}"`);
      const world = baseline(variation.baseline);
      variation.change(world);
      const report = await follow(playbook, world, variation);
      const found = report.rootCauses.map(({ id }) => id);
      const said = summary(report);
      for (const wanted of variation.roots)
        expect(
          found.some((id) => [wanted].flat().includes(id)),
          `missing ${[wanted].flat().join()}: ${said}`,
        ).toBe(true);
      expect(
        found.filter((id) => !variation.roots.flat().includes(id)),
        said,
      ).toEqual([]);
      const warned = report.findings.filter(({ status }) => status === "warn").map(({ id }) => id);
      if (variation.roots.length === 0) expect(warned).toEqual(expect.arrayContaining([...(variation.warns ?? [])]));

      const sound = await follow(playbook, baseline(variation.baseline), variation);
      expect(sound.verdict, summary(sound)).toBe("healthy");
    },
  );
});
