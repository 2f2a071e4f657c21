import type { Report } from "../../src/model/report.ts";

/** Reports made by hand, each for one story. */

const group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-ml";
const registry = `${group}/providers/Microsoft.ContainerRegistry/registries/acrmlprod`;
const vault = `${group}/providers/Microsoft.KeyVault/vaults/kvmlprod`;

export const healthy: Report = {
  schema: "aml-doctor/report@1",
  tool: { name: "aml-doctor", version: "0.0.0" },
  startedAt: "2026-01-02T03:04:05.678Z",
  durationMs: 2345,
  playbook: "everything",
  target: {
    subscriptionId: "00000000-0000-4000-8000-000000000001",
    resourceGroup: "rg-ml",
    workspace: "mlprod",
    endpoint: "score1",
    deployment: "blue",
    cloud: "AzureCloud",
  },
  vantage: {
    name: "vm-jump",
    addresses: ["10.1.1.4"],
    resolvers: ["168.63.129.16"],
    azureDns: "168.63.129.16",
    vnetId: `${group}/providers/Microsoft.Network/virtualNetworks/vnet-spoke`,
  },
  verdict: "healthy",
  complete: true,
  rootCauses: [],
  findings: [
    {
      id: "dns/workspace-records",
      probe: "dns/workspace-records",
      status: "pass",
      subject: "mlprod.example",
      summary: "mlprod.example resolves to 10.1.2.5, its private endpoint",
      evidence: [],
      causedBy: [],
    },
    {
      id: "proxy/bypass",
      probe: "proxy/bypass",
      status: "skipped",
      subject: "",
      summary: "this machine uses no proxy",
      evidence: [],
      causedBy: [],
    },
  ],
  unknowns: [],
  stats: { armRequests: 31, dnsQueries: 12, connections: 1, retries: 0, cacheHits: 40 },
};

const root: Report["rootCauses"][number] = {
  id: "acr-egress-pe-pending",
  probe: "registry/private-endpoint-approval",
  subject: `${registry}/privateEndpointConnections/acrmlprod.1da88c0e`,
  title: "A private endpoint of the container registry waits for approval",
  detail:
    'The connection "acrmlprod.1da88c0e" is Pending, expected Approved: deployments with secured egress cannot pull their image.',
  severity: "error",
  confidence: "confirmed",
  evidence: [
    {
      kind: "arm",
      source: `${registry} properties.privateEndpointConnections[0].status`,
      observed: "Pending",
      expected: "Approved",
    },
  ],
  explains: [
    {
      id: "dep-image-pull-failed",
      subject: `${group}/…/deployments/blue`,
      summary: "The deployment cannot pull its image",
    },
    { id: "endpoint-no-ready-deployment", subject: "score1", summary: "The endpoint has no ready deployment" },
    {
      id: "dep-image-pull-failed",
      subject: `${group}/…/deployments/green`,
      summary: "The deployment cannot pull its image",
    },
  ],
  why: [{ id: "acr-identity-missing-acrpull", by: "the endpoint's identity holds AcrPull on acrmlprod" }],
  remediation: [
    {
      summary: "Approve the connection",
      commands: [
        {
          shell: "az",
          text: `az network private-endpoint-connection approve --id ${registry}/privateEndpointConnections/acrmlprod.1da88c0e --description 'approved by the platform team'`,
        },
      ],
      warning: "Approve only connections whose origin is known: the approval opens the registry to that network.",
      takesEffect: "Within a minute; the deployment has to be created again.",
      verify: [
        "The connection shows Approved",
        "az ml online-deployment show -n blue --endpoint-name score1 -g rg-ml -w mlprod --query provisioning_state",
      ],
      docs: "https://learn.microsoft.com/azure/container-registry/container-registry-private-link",
    },
    { summary: "Create the deployment again", commands: [], verify: [] },
  ],
  docs: ["https://learn.microsoft.com/azure/machine-learning/how-to-secure-online-endpoint"],
};

const failing = (id: string, subject: string, causedBy: string[]): Report["findings"][number] => ({
  id,
  probe: "endpoint/deployment",
  status: "fail",
  subject,
  summary: "A failure",
  evidence: [],
  causedBy,
});

export const unhealthy: Report = {
  ...healthy,
  verdict: "unhealthy",
  rootCauses: [
    root,
    {
      ...root,
      id: "dns-zone-not-linked",
      subject: "privatelink.blob.core.windows.net",
      title: "A private DNS zone is not linked to the network",
      confidence: "likely",
      inferredFrom: "the public answer at this machine",
      evidence: [],
      explains: [],
      why: [],
      possiblyCausedBy: ["dns-forwarder-bypasses-azure", "dns-zone-missing"],
      candidates: [
        {
          id: "dns-forwarder-bypasses-azure",
          title: "The DNS server forwards elsewhere",
          test: "on 10.9.0.4: Get-DnsServerForwarder",
        },
        {
          id: "dns-zone-missing",
          title: "There is no private DNS zone",
          test: "it shows once this may be read: Microsoft.Network/privateDnsZones/read",
        },
      ],
      remediation: [],
      docs: [],
    },
  ],
  findings: [
    ...healthy.findings,
    failing("dep-image-pull-failed", `${group}/…/deployments/blue`, ["acr-egress-pe-pending"]),
    failing("orphan-failure", "nobody-tells-of-me", []),
    {
      id: "kv-soft-rule",
      probe: "key-vault/firewall",
      status: "warn",
      subject: vault,
      summary: "The key vault also admits one public address",
      detail: "ipRules holds 203.0.113.9; with a private endpoint nobody needs it.",
      evidence: [{ kind: "arm", source: `${vault} properties.networkAcls.ipRules`, observed: "203.0.113.9" }],
      causedBy: [],
      remediation: [
        {
          summary: "Remove the rule",
          commands: [{ shell: "az", text: "az keyvault network-rule remove -n kvmlprod" }],
          verify: [],
        },
      ],
    },
  ],
  unknowns: [
    {
      probe: "dns/zone-links",
      subject: "",
      reason: "access was denied (403): Microsoft.Network/privateDnsZones/read",
      permission: "Microsoft.Network/privateDnsZones/read",
      consequence: "Whether the zones are linked could not be decided",
      candidates: [
        {
          id: "dns-zone-not-linked",
          title: "A private DNS zone is not linked to the network",
          test: "az network private-dns link vnet list --zone-name privatelink.api.azureml.ms",
        },
        { id: "dns-zone-missing", title: "There is no private DNS zone", test: "az network private-dns zone list" },
      ],
      matters: true,
    },
  ],
};

export const inconclusive: Report = {
  ...healthy,
  verdict: "inconclusive",
  complete: false,
  findings: [],
  unknowns: [
    {
      probe: "compute/quota",
      subject: "",
      reason: "not collected: excluded from this run",
      consequence: "Whether the quota suffices could not be decided",
      matters: false,
    },
    ...["key-vault/firewall", "key-vault/access"].map((probe) => ({
      probe,
      subject: vault,
      reason: "access was denied (403): Microsoft.KeyVault/vaults/read",
      permission: "Microsoft.KeyVault/vaults/read",
      consequence: `Whether ${probe} is right could not be decided`,
      matters: true,
    })),
  ],
};

/** Every kind of text that would steer or deceive a terminal, in every place where a stranger's text can stand. */
const attack = "evil\u001b[2J\u001b]0;owned\u0007\r\nUNFORGED \u202egnp.exe\u2066\u200b\u009b31m\u2028\u{e0041}end";

export const hostile: Report = {
  ...unhealthy,
  target: { ...unhealthy.target, workspace: attack },
  vantage: { ...unhealthy.vantage, name: attack, resolvers: [attack], proxy: { HTTPS_PROXY: attack } },
  rootCauses: [
    {
      ...root,
      id: attack,
      subject: attack,
      title: attack,
      detail: attack,
      evidence: [{ kind: "tls", source: attack, observed: attack, expected: attack }],
      explains: [{ id: attack, subject: attack, summary: attack }],
      why: [{ id: attack, by: attack }],
      remediation: [
        {
          summary: attack,
          commands: [{ shell: "sh", text: attack }],
          warning: attack,
          takesEffect: attack,
          verify: [attack],
          docs: attack,
        },
      ],
      docs: [attack],
    },
  ],
  unknowns: [
    { probe: attack, subject: attack, reason: attack, permission: attack, consequence: attack, matters: true },
  ],
};
