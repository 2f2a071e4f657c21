import { expect, test } from "vitest";
import batch from "../../../probes/storage/batch.ts";
import path from "../../../probes/storage/client-path.ts";
import keySync from "../../../probes/storage/key-sync.ts";
import approval from "../../../probes/storage/private-endpoint-approval.ts";
import other from "../../../probes/storage/other-accounts.ts";
import serviceEndpoints from "../../../probes/storage/service-endpoints.ts";
import sharedKey from "../../../probes/storage/shared-key.ts";
import trusted from "../../../probes/storage/trusted-access.ts";
import { absent, seen } from "../../../src/model/observation.ts";
import { place, subnetId } from "../compute/estate.ts";
import { account, accounts, failure, ids, waiting, way, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const store = (type: string, accountName = "stmlprod", credentialsType = "AccountKey") => ({
  id: `${ids.workspace}/datastores/${type}`,
  name: type,
  properties: { datastoreType: type, accountName, credentials: { credentialsType } },
});
const acls = (more: object) => ({
  networkAcls: { bypass: "None", defaultAction: "Deny", resourceAccessRules: [], ...more },
});

test.each([
  ["trusted services admitted", {}, "pass"],
  ["nobody admitted", acls({}), "st-trusted-access-missing"],
  ["logging only", acls({ bypass: "Logging, Metrics" }), "st-trusted-access-missing"],
  [
    "the workspace by a rule, in another case",
    acls({ resourceAccessRules: [{ resourceId: ids.workspace.toUpperCase() }] }),
    "pass",
  ],
  [
    "all workspaces of the group",
    acls({ resourceAccessRules: [{ resourceId: ids.workspace.replace("mlprod", "*") }] }),
    "pass",
  ],
  [
    "another workspace",
    acls({ resourceAccessRules: [{ resourceId: `${ids.workspace}2` }] }),
    "st-trusted-access-missing",
  ],
  ["no rules in force", { publicNetworkAccess: null, ...acls({ defaultAction: "Allow" }) }, "pass"],
])("trusted access: %s", (_, properties, expected) => {
  expect(verdictOf(trusted, { workspace: workspace(), accounts: accounts(properties) })).toBe(expected);
});

test("trusted access: what was set before stays in the command", () => {
  expect(
    commandsOf(trusted, { workspace: workspace(), accounts: accounts(acls({ bypass: "Logging, Metrics" })) }),
  ).toContain("--bypass Logging Metrics AzureServices");
});

test.each([
  ["keys refused and used", false, "accesskey", "AccountKey", "st-shared-key-disabled?"],
  ["keys refused, identities used", false, "identity", "AccountKey", "pass"],
  ["keys refused, datastores without credentials", false, undefined, "None", "pass"],
  ["the flag absent", undefined, "accesskey", "AccountKey", "pass"],
])("shared key: %s", (_, allowSharedKeyAccess, systemDatastoresAuthMode, credentials, expected) => {
  const facts = {
    workspace: workspace({ systemDatastoresAuthMode }),
    accounts: accounts({ allowSharedKeyAccess }),
    failures: seen([]),
    datastores: seen([store("AzureBlob", "stmlprod", credentials)]),
  };
  expect(verdictOf(sharedKey, facts)).toBe(expected);
});

test.each([
  ["every endpoint there", { near: ["pe"] }, { near: ["pe"] }, "pass"],
  ["no blob", {}, { near: ["pe"] }, "st-no-blob-pe"],
  ["no file", { near: ["pe"] }, {}, "st-no-file-pe"],
  ["selected networks that let this machine in", { outcome: "let-in" }, { near: ["pe"] }, "pass"],
  [
    "refused although an endpoint is here",
    {
      near: ["pe"],
      outcome: "refused",
      reach: { address: "20.1.1.1", port: 443, host: "h", tcp: { outcome: "open", durationMs: 1 } },
    },
    { near: ["pe"] },
    "st-firewall-blocks-client",
  ],
])("client path: %s", (_, blob, file, expected) => {
  const access = [way("blob", ids.account, blob), way("file", ids.account, file)];
  expect(verdictOf(path, { accounts: accounts(), access, datastores: seen([store("AzureFile")]) })).toBe(expected);
});

test("client path: dfs is asked for only where a Data Lake datastore uses a hierarchical account", () => {
  const access = [way("blob", ids.account, { near: ["pe"] }), way("dfs", ids.account)];
  const facts = (isHnsEnabled: boolean, type: string) => ({
    accounts: accounts({ isHnsEnabled }),
    access,
    datastores: seen([store(type)]),
  });
  expect(verdictOf(path, facts(true, "AzureDataLakeGen2"))).toBe("st-no-dfs-pe");
  expect(verdictOf(path, facts(true, "AzureBlob"))).toBe("pass");
});

const lake = ids.account.replace("stmlprod", "stlake");
const both = [...accounts(), { id: lake, isDefault: false, is: seen({ ...account(), id: lake, name: "stlake" }) }];

test.each([
  ["no endpoint in the reading network", "Disabled", [], {}, "st-nondefault-account-private"],
  ["an endpoint there", "Disabled", [], { near: ["pe"] }, "pass"],
  ["managed network without a rule", "AllowOnlyApprovedOutbound", [], {}, "st-nondefault-account-private"],
  [
    "managed network with a rule",
    "AllowOnlyApprovedOutbound",
    [{ id: "r", name: "lake", kind: "private-endpoint", serviceResourceId: lake.toUpperCase() }],
    {},
    "pass",
  ],
])("other accounts: %s", (_, isolationMode, rules, more, expected) => {
  const facts = {
    workspace: workspace({ managedNetwork: { isolationMode } }),
    accounts: both,
    access: [way("blob", lake, more)],
    datastores: [store("AzureBlob", "stlake")],
    rules: seen(rules),
  };
  expect(verdictOf(other, facts)).toBe(expected);
});

test("batch: queue and table matter only with batch endpoints", () => {
  const facts = {
    workspace: workspace(),
    home: workspace(),
    accounts: accounts(),
    access: [way("queue", ids.account), way("table", ids.account, { near: ["pe"] })],
    rules: absent,
  };
  expect(verdictOf(batch, { ...facts, batch: [{ id: "b", name: "b" }] })).toBe("st-no-queue-table-pe");
  expect(verdictOf(batch, { ...facts, batch: undefined })).toBe("skip");
});

test("key sync: the service's words are what counts", () => {
  expect(
    verdictOf(keySync, {
      workspace: workspace(),
      failures: [failure("image-build", ["container registry authorization failure"])],
    }),
  ).toBe("st-key-desync?");
  expect(verdictOf(keySync, { workspace: workspace(), failures: [failure("image-build", ["failed to solve"])] })).toBe(
    "pass",
  );
});

const acl = (...subnets: readonly string[]) => ({
  defaultAction: "Deny",
  virtualNetworkRules: subnets.map((id) => ({ id, action: "Allow" })),
});
const named = (...subnets: readonly string[]) => ({
  publicNetworkAccess: "Enabled",
  networkAcls: acl(...subnets),
});
const known = (service?: string, uses: readonly string[] = ["compute"]) =>
  seen([
    {
      id: subnetId,
      uses,
      is: seen({ subnet: { id: subnetId, properties: { serviceEndpoints: [{ service }] } }, networkPrefixes: [] }),
    },
  ]);
test.each([
  ["the computes' subnet, with the endpoint", named(subnetId), known("Microsoft.Storage.Global"), "pass"],
  ["the computes' subnet, without it", named(subnetId), known("Microsoft.Sql"), "st-service-endpoint-layout"],
  ["the computes' subnet, which cannot be read", named(subnetId), absent, "pass"],
  ["another subnet", named("/other"), known("Microsoft.Storage"), "st-service-endpoint-layout?"],
  [
    "another subnet, and addresses",
    { ...named("/other"), networkAcls: { ...named("/other").networkAcls, ipRules: [{ value: "20.1.1.1" }] } },
    known("Microsoft.Storage"),
    "pass",
  ],
  [
    "a subnet without it, and everybody",
    { networkAcls: { ...acl(subnetId), defaultAction: "Allow" } },
    known(),
    "pass",
  ],
  [
    "a subnet without it that nobody stands in",
    named(subnetId),
    known("Microsoft.Sql", []),
    "st-service-endpoint-layout(w)",
  ],
  ["another subnet, and nobody by now", { ...named("/other"), publicNetworkAccess: "Disabled" }, known(), "pass"],
  ["nobody by service endpoint", named(), known(), "pass"],
])("service endpoints: the account admits %s", (_, properties, subnets, expected) => {
  const facts = {
    workspace: workspace(),
    accounts: accounts(properties),
    privateEndpoints: { entries: [] },
    networks: absent,
    subnets,
    places: seen([place()]),
    rules: absent,
  };
  expect(verdictOf(serviceEndpoints, facts)).toBe(expected);
});

test.each([
  ["pending", { status: "Pending" }, /connection approve/],
  [
    "rejected",
    {
      status: "Rejected",
      endpointId: ids.account.replace(/Microsoft\.Storage.*/, "Microsoft.Network/privateEndpoints/pe"),
      groupId: "blob",
    },
    /private-endpoint delete/,
  ],
  [
    "of an endpoint that cannot be read",
    { status: "Rejected", owner: "unreadable", endpointId: "/pe", groupId: "blob" },
    /^$/,
  ],
  ["of a deployment", { status: "Rejected", owner: "deployment-egress", endpointId: "/pe", groupId: "blob" }, /^$/],
])("approval: a connection %s", (_, connection, command) => {
  const facts = { accounts: accounts(), waiting: [waiting("storage", ids.account, connection)], endpoints: absent };
  expect(commandsOf(approval, facts)).toMatch(command);
});

test("service endpoints: the remedy keeps those that the subnet has", () => {
  const facts = {
    workspace: workspace(),
    accounts: accounts(named(subnetId)),
    privateEndpoints: { entries: [] },
    networks: absent,
    subnets: known("Microsoft.KeyVault"),
    places: seen([place()]),
    rules: absent,
  };
  expect(commandsOf(serviceEndpoints, facts)).toContain("--service-endpoints Microsoft.KeyVault Microsoft.Storage");
});
