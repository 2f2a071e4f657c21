import { describe, expect, it } from "vitest";
import { loadProbes } from "../../src/engine/registry.ts";
import { attachedComputeVariations } from "./attached-compute-variations.ts";
import { callerVariations } from "./caller-variations.ts";
import { clusterNetworkVariations } from "./cluster-network-variations.ts";
import { clusterVariations } from "./cluster-variations.ts";
import { computePathVariations } from "./compute-path-variations.ts";
import { computeVariations } from "./compute-variations.ts";
import { deploymentSettingVariations } from "./deployment-setting-variations.ts";
import { deploymentVariations } from "./deployment-variations.ts";
import { endpointVariations } from "./endpoint-variations.ts";
import type { Variation } from "./expect-variation.ts";
import { identityVariations } from "./identity-variations.ts";
import { inClusterVariations } from "./in-cluster-variations.ts";
import { keyVaultVariations } from "./key-vault-variations.ts";
import { kubernetesVariations } from "./kubernetes-variations.ts";
import { managedNetworkVariations } from "./managed-network-variations.ts";
import { networkRuleVariations } from "./network-rule-variations.ts";
import { networkVariations } from "./network-variations.ts";
import { registryVariations } from "./registry-variations.ts";
import { routerVariations } from "./router-variations.ts";
import { storagePathVariations } from "./storage-path-variations.ts";
import { storageSettingVariations } from "./storage-setting-variations.ts";

const variations: readonly Variation[] = [
  ...networkVariations,
  ...keyVaultVariations,
  ...storagePathVariations,
  ...storageSettingVariations,
  ...registryVariations,
  ...identityVariations,
  ...managedNetworkVariations,
  ...deploymentVariations,
  ...deploymentSettingVariations,
  ...endpointVariations,
  ...clusterVariations,
  ...clusterNetworkVariations,
  ...kubernetesVariations,
  ...inClusterVariations,
  ...routerVariations,
  ...computeVariations,
  ...computePathVariations,
  ...attachedComputeVariations,
  ...networkRuleVariations,
  ...callerVariations,
];

/** What a variation is certain to produce: of alternatives, none is. */
const produced = new Set(
  variations.flatMap(({ roots, effects = [], warns = [] }) => [
    ...roots.flatMap((root) => (typeof root === "string" ? [root] : [])),
    ...effects,
    ...warns,
  ]),
);

describe("every failure id", () => {
  it.each([
    "key-vault",
    "storage",
    "registry",
    "identity",
    "managed-network",
    "deployment",
    "endpoint",
    "scoring",
    "kubernetes",
    "aks-v1",
    "compute",
    "network",
    "firewall",
    "studio",
  ])("of %s is produced by a world", async (area) => {
    const { probes } = await loadProbes(new URL("../../probes/", import.meta.url));
    const ids = probes.filter(({ id }) => id.startsWith(`${area}/`)).flatMap(({ reasons }) => Object.keys(reasons));
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => !produced.has(id))).toEqual([]);
  });
});
