import { expect, test } from "vitest";
import attachments from "../../../probes/aks-v1/attachments.ts";
import controlPlane from "../../../probes/aks-v1/control-plane.ts";
import serviceInbound from "../../../probes/aks-v1/service-inbound.ts";
import { gapAt, seen } from "../../../src/model/observation.ts";
import { rule } from "../compute/estate.ts";
import { workspace } from "../dependencies.ts";
import { clusterId, managed, view } from "../kubernetes/clusters.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const attachment = (name: string, computeType: string, resourceId: string, createdOn = "2024") => ({
  id: `/w/computes/${name}`,
  name,
  properties: { computeType, resourceId, createdOn },
});

test.each([
  ["none of v1", [attachment("a", "Kubernetes", clusterId), attachment("b", "Kubernetes", clusterId)], "skip"],
  ["one of v1", [attachment("a", "AKS", clusterId)], "pass"],
  [
    "one of v1 beside the extension",
    [attachment("a", "AKS", clusterId), attachment("b", "Kubernetes", clusterId)],
    "pass",
  ],
  [
    "two of v1, two clusters",
    [attachment("a", "AKS", clusterId), attachment("b", "AKS", `${clusterId}2`)],
    "pass pass",
  ],
  [
    "two of v1, one cluster in two spellings",
    [attachment("a", "AKS", clusterId), attachment("b", "aks", clusterId.toUpperCase())],
    "aksv1-multiple-attach?",
  ],
])("attachments: %s", (_, computes, expected) => {
  expect(verdictOf(attachments, { computes })).toBe(expected);
});

test("attachments: the older one is detached, and never the cluster deleted", () => {
  const computes = [attachment("new", "AKS", clusterId, "2025"), attachment("old", "AKS", clusterId, "2019")];
  expect(commandsOf(attachments, { computes })).toMatch(/delete --url '\/w\/computes\/old\?.*Action=Detach'/);
});

const open = managed({ apiServerAccessProfile: null, fqdn: "aks.example" });
test.each([
  ["not of v1", view({ managed: seen(open) }), {}, "skip"],
  ["private", view({ isLegacy: true }), {}, "pass"],
  ["on the internet", view({ isLegacy: true, managed: seen(open) }), {}, "aksv1-private-cluster-create-then-attach"],
  [
    "on the internet, workspace too",
    view({ isLegacy: true, managed: seen(open) }),
    { publicNetworkAccess: "Enabled" },
    "skip",
  ],
  [
    "without a profile, with a private name",
    view({ isLegacy: true, managed: seen(managed({ apiServerAccessProfile: null, privateFQDN: "p", fqdn: "f" })) }),
    {},
    "pass",
  ],
  [
    "for listed addresses",
    view({
      isLegacy: true,
      managed: seen(managed({ apiServerAccessProfile: { authorizedIPRanges: ["203.0.113.0/24"] }, fqdn: "f" })),
    }),
    {},
    "pass",
  ],
  [
    "not readable",
    view({ isLegacy: true, managed: gapAt("GET aks", { gap: "timed-out", afterMs: 1 }) }),
    {},
    "unknown",
  ],
])("control plane: %s", (_, cluster, properties, expected) => {
  expect(verdictOf(controlPlane, { clusters: [cluster], workspace: workspace(properties) })).toBe(expected);
});

const subnetId = "/vnet/subnets/nodes";
const inbound = (computeType: string, provisioningState: string, ...lines: readonly string[]) => ({
  attachments: [
    { compute: { id: "/w/computes/a", name: "a", properties: { computeType, provisioningState } }, clusterId },
  ],
  networks: [
    {
      clusterId,
      nodeSubnets: [subnetId],
      network: seen({
        properties: {
          subnets: [
            { id: subnetId, properties: { addressPrefix: "10.1.3.0/24", networkSecurityGroup: { id: "/nsg" } } },
          ],
        },
      }),
      groups: [{ id: "/nsg", is: seen({ id: "/nsg", name: "nsg", properties: { securityRules: lines.map(rule) } }) }],
    },
  ],
});
const fromService = "Inbound 100 Allow * AzureMachineLearning *";
test.each([
  ["an attachment that failed", inbound("AKS", "Failed"), "aksv1-nsg-inbound-azureml-missing?"],
  ["one that failed with the rule", inbound("AKS", "Failed", fromService), "pass"],
  ["one that succeeded", inbound("AKS", "Succeeded"), "skip"],
  ["one by the extension", inbound("Kubernetes", "Failed"), "skip"],
])("inbound of 2019: %s", (_, facts, expected) => {
  expect(verdictOf(serviceInbound, facts)).toBe(expected);
});
