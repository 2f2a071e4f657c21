import { describe, expect, it } from "vitest";
import calledHosts from "../../../probes/managed-network/called-hosts.ts";
import outboundRules from "../../../probes/managed-network/outbound-rules.ts";
import approval from "../../../probes/managed-network/private-endpoint-approval.ts";
import provisioning from "../../../probes/managed-network/provisioning.ts";
import { judgeWith } from "../judge.ts";

const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w";
const account = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/lake";
const deployment = `${id}/onlineEndpoints/e/deployments/blue`;
const said = (verdicts: ReturnType<typeof judgeWith>): string[] =>
  verdicts.map((verdict) => (verdict.is === "found" ? `${verdict.as ?? "error"} ${verdict.reason}` : verdict.is));
const workspace = (isolationMode: string | null, status: string | null = "Active"): object => ({
  id,
  identity: { principalId: "p" },
  properties: { managedNetwork: { isolationMode, networkId: "n-1", status: { status }, outboundRules: {} } },
});

describe("the provisioning of the managed network", () => {
  it.each([
    [null, null, "skip"],
    ["Disabled", null, "skip"],
    ["AllowOnlyApprovedOutbound", "Active", "pass"],
    ["allowinternetoutbound", "active", "pass"],
    ["AllowOnlyApprovedOutbound", "Inactive", "error mn-not-provisioned"],
    ["AllowInternetOutbound", null, "error mn-not-provisioned"],
  ])("%s, %s", (mode, status, expected) => {
    expect(
      said(judgeWith(provisioning, { workspace: workspace(mode, status), space: workspace(mode, status) })),
    ).toEqual([expected]);
  });
});

describe("an outbound rule", () => {
  it.each([
    [{ status: "Active" }, "pass"],
    [{ status: "active" }, "pass"],
    [{ status: "Inactive" }, "error mn-outbound-rule-not-active"],
    [{ status: "Failed", error: "RequestDisallowedByPolicy: no" }, "error mn-custom-policy-denies-pe"],
    [{ status: "Failed", error: "AuthorizationFailed: no" }, "error mn-rbac-pe-permissions"],
    [{ status: "Provisioning" }, "warning mn-outbound-rule-not-active"],
  ])("%o", (more, expected) => {
    expect(
      said(
        judgeWith(outboundRules, {
          workspace: workspace("AllowOnlyApprovedOutbound"),
          rules: [{ id: `${id}/outboundRules/a`, name: "a", kind: "fqdn", fqdn: "pypi.org", ...more }],
        }),
      ),
    ).toEqual([expected]);
  });
});

describe("the connection of a managed private endpoint", () => {
  const connection = (endpoint: string, status: string): object => ({
    id: `${account}/privateEndpointConnections/c`,
    properties: { privateEndpoint: { id: endpoint }, privateLinkServiceConnectionState: { status } },
  });
  const managed = "/subscriptions/m/resourceGroups/vnet-rg/providers/Microsoft.Network/privateEndpoints/pe-lake";
  it.each([
    ["approved", connection(managed, "Approved"), "pass"],
    ["pending", connection(managed, "Pending"), "error mn-outbound-pe-pending"],
    [
      "somebody else's that is pending",
      connection("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/mine", "Pending"),
      "pass",
    ],
  ])("%s", (_, one, expected) => {
    const facts = {
      workspace: workspace("AllowOnlyApprovedOutbound"),
      rules: [
        {
          id: `${id}/outboundRules/pe-lake`,
          name: "pe-lake",
          kind: "private-endpoint",
          status: "Inactive",
          serviceResourceId: account,
        },
      ],
      keyVault: { is: "absent" },
      registry: { is: "absent" },
      accounts: {
        is: "value",
        value: [
          {
            id: account,
            isDefault: false,
            is: {
              is: "value",
              value: { id: account, name: "lake", properties: { privateEndpointConnections: [one] } },
            },
          },
        ],
      },
    };
    expect(said(judgeWith(approval, facts))).toEqual([expected]);
  });
});

describe("a call that a deployment's log shows as refused", () => {
  const rule = (more: object): object => ({
    id: `${id}/outboundRules/r`,
    name: "r",
    status: "Active",
    category: "UserDefined",
    ...more,
  });
  const facts = (mode: string, host: string, rules: object[], open?: string): Record<string, unknown> => ({
    workspace: workspace(mode),
    rules,
    endpoints: [
      {
        endpoint: { id: `${id}/onlineEndpoints/e`, name: "e", properties: {} },
        deployments: {
          is: "value",
          value: [{ id: deployment, name: "blue", properties: { endpointComputeType: "Managed" } }],
        },
      },
    ],
    logs: [
      {
        id: deployment,
        is: {
          is: "value",
          value: {
            refusedCalls: [{ host, port: 443, outcome: "timed-out", line: `connect to ${host}:443 timed out` }],
          },
        },
      },
    ],
    linked: {
      is: "value",
      value: [
        {
          host: "lake.blob.core.windows.net",
          resourceId: account,
          subresource: "blob",
          ...(open === undefined ? {} : { publicNetworkAccess: open }),
        },
      ],
    },
  });
  const lake = "lake.blob.core.windows.net";
  it.each([
    ["no rule", facts("AllowOnlyApprovedOutbound", "api.example.com", []), "error mn-outbound-rule-missing"],
    [
      "a rule by name",
      facts("AllowOnlyApprovedOutbound", "api.example.com", [rule({ kind: "fqdn", fqdn: "api.example.com" })]),
      "pass",
    ],
    [
      "a wildcard rule",
      facts("AllowOnlyApprovedOutbound", "api.example.com", [rule({ kind: "fqdn", fqdn: "*.example.com" })]),
      "pass",
    ],
    [
      "a rule to the resource",
      facts("AllowOnlyApprovedOutbound", lake, [
        rule({ kind: "private-endpoint", serviceResourceId: account.toUpperCase(), subresource: "blob" }),
      ]),
      "pass",
    ],
    [
      "a rule to another sub-resource",
      facts("AllowOnlyApprovedOutbound", lake, [
        rule({ kind: "private-endpoint", serviceResourceId: account, subresource: "file" }),
      ]),
      "error mn-outbound-rule-missing",
    ],
    [
      "storage by name",
      facts("AllowOnlyApprovedOutbound", lake, [rule({ kind: "fqdn", fqdn: lake })]),
      "error mn-fqdn-rule-missing-or-limited",
    ],
    ["a private address", facts("AllowOnlyApprovedOutbound", "10.9.0.5", []), "error mn-onprem-or-nonhttps-target"],
    ["a public host with internet outbound", facts("AllowInternetOutbound", "api.example.com", []), "pass"],
    [
      "a closed target with internet outbound",
      facts("AllowInternetOutbound", lake, [], "Disabled"),
      "error mn-outbound-rule-missing",
    ],
    ["an open target with internet outbound", facts("AllowInternetOutbound", lake, [], "Enabled"), "pass"],
  ])("%s", (_, given, expected) => {
    expect(said(judgeWith(calledHosts, given))).toEqual([expected]);
  });
});
