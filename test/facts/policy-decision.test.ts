import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/facts/kubernetes-pods.ts";
import type { NetworkPolicy } from "../../src/facts/kubernetes-policies.ts";
import { forbiddingPolicies } from "../../src/facts/policy-decision.ts";

const from: Pod = {
  metadata: { name: "azureml-fe-1-a", namespace: "azureml", labels: { app: "azureml-fe" } },
  status: { podIP: "10.244.0.21" },
};
const to: Pod = {
  metadata: { name: "blue-1-a", namespace: "models", labels: { app: "blue" } },
  spec: { containers: [{ name: "main", ports: [{ name: "score", containerPort: 5001 }] }] },
  status: { podIP: "10.244.2.33" },
};
const namespaces = new Map([["azureml", { team: "ml" }]]);
const policy = (spec: NetworkPolicy["spec"], namespace = "models"): NetworkPolicy => ({
  metadata: { name: "p", namespace },
  spec,
});
const ingress = (rule: NonNullable<NetworkPolicy["spec"]["ingress"]>[number]) =>
  policy({ podSelector: {}, ingress: [rule] });

describe("the router's call to a model is", () => {
  it.each<[string, readonly NetworkPolicy[], boolean]>([
    ["allowed without policies", [], true],
    ["forbidden by default", [policy({ podSelector: {}, policyTypes: ["Ingress"] })], false],
    ["not meant by a policy for other pods", [policy({ podSelector: { matchLabels: { app: "green" } } })], true],
    ["not meant by a policy of another namespace", [policy({ podSelector: {} }, "other")], true],
    ["allowed from everywhere", [ingress({})], true],
    ["forbidden from its own namespace only", [ingress({ from: [{ podSelector: {} }] })], false],
    [
      "allowed from a namespace by its label",
      [ingress({ from: [{ namespaceSelector: { matchLabels: { team: "ml" } } }] })],
      true,
    ],
    [
      "allowed from a namespace by its name",
      [ingress({ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "azureml" } } }] })],
      true,
    ],
    [
      "forbidden where only other pods of the namespace may",
      [ingress({ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "gateway" } } }] })],
      false,
    ],
    [
      "allowed by an expression",
      [
        ingress({
          from: [{ namespaceSelector: {}, podSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }],
        }),
      ],
      true,
    ],
    ["allowed by address", [ingress({ from: [{ ipBlock: { cidr: "10.244.0.0/16" } }] })], true],
    [
      "forbidden by an exception",
      [ingress({ from: [{ ipBlock: { cidr: "10.244.0.0/16", except: ["10.244.0.0/24"] } }] })],
      false,
    ],
    ["allowed at its port", [ingress({ ports: [{ port: 5001 }] })], true],
    ["allowed at a port by name", [ingress({ ports: [{ port: "score" }] })], true],
    ["allowed in a range", [ingress({ ports: [{ port: 5000, endPort: 5010 }] })], true],
    ["forbidden at another port", [ingress({ ports: [{ port: 8080 }] })], false],
    ["forbidden by UDP alone", [ingress({ ports: [{ port: 5001, protocol: "UDP" }] })], false],
    ["allowed by one of two", [policy({ podSelector: {} }), ingress({})], true],
    ["forbidden on its way out", [policy({ podSelector: {}, policyTypes: ["Egress"] }, "azureml")], false],
    [
      "allowed on its way out",
      [policy({ podSelector: {}, egress: [{ to: [{ namespaceSelector: {} }] }], policyTypes: ["Egress"] }, "azureml")],
      true,
    ],
    [
      "allowed where the namespace cannot be told",
      [
        policy(
          {
            podSelector: {},
            egress: [{ to: [{ namespaceSelector: { matchLabels: { a: "b" } } }] }],
            policyTypes: ["Egress"],
          },
          "azureml",
        ),
      ],
      true,
    ],
  ])("%s", (_, policies, isAllowed) => {
    expect(forbiddingPolicies(policies, { from, to, port: 5001, namespaces }).length === 0).toBe(isAllowed);
  });
});
