import { expect, test } from "vitest";
import approval from "../../../probes/key-vault/private-endpoint-approval.ts";
import path from "../../../probes/key-vault/client-path.ts";
import trusted from "../../../probes/key-vault/trusted-services.ts";
import { absent, seen } from "../../../src/model/observation.ts";
import { endpoints, ids, vault, waiting, way } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const none = { networkAcls: { bypass: "None", defaultAction: "Deny" } };

test.each([
  ["bypass None with public access off", vault(none), endpoints(), "kv-bypass-not-azureservices"],
  [
    "bypass none in another case, selected networks",
    vault({ publicNetworkAccess: "Enabled", networkAcls: { bypass: "none", defaultAction: "deny" } }),
    endpoints(),
    "kv-bypass-not-azureservices",
  ],
  [
    "bypass None on a vault open to all",
    vault({ publicNetworkAccess: "Enabled", networkAcls: { bypass: "None", defaultAction: "Allow" } }),
    endpoints(),
    "pass",
  ],
  ["no networkAcls: never a firewall", vault({ networkAcls: null }), endpoints(), "pass"],
  [
    "no bypass: the default lets the service in",
    vault({ networkAcls: { defaultAction: "Deny" } }),
    endpoints(),
    "pass",
  ],
  [
    "endpoints with tokens have no keys",
    vault(none),
    endpoints({}, { authMode: "AADToken" }),
    "kv-bypass-not-azureservices(w)",
  ],
])("trusted services: %s", (_, keyVault, all, expected) => {
  expect(verdictOf(trusted, { keyVault, endpoints: seen(all) })).toBe(expected);
});

test("trusted services: an endpoint that does not exist leaves it likely", () => {
  expect(verdictOf(trusted, { keyVault: vault(none), endpoints: absent })).toBe("kv-bypass-not-azureservices?");
});

test("trusted services: the fix keeps the firewall", () => {
  const text = commandsOf(trusted, { keyVault: vault(none), endpoints: seen(endpoints()) });
  expect(text).toContain("--bypass AzureServices --default-action Deny");
});

test.each([
  ["pending", waiting("key-vault", ids.vault), "kv-pe-not-approved", "approve --id"],
  [
    "rejected",
    waiting("key-vault", ids.vault, {
      status: "Rejected",
      endpointId: ids.vault.replace("KeyVault/vaults/kvmlprod", "Network/privateEndpoints/pe-kv"),
    }),
    "kv-pe-not-approved",
    "private-endpoint delete",
  ],
  [
    "one that nobody here uses",
    waiting("key-vault", ids.vault, { spare: true }),
    "kv-pe-not-approved(w)",
    "approve --id",
  ],
  ["a stranger's", waiting("key-vault", ids.vault, { owner: "foreign" }), "pass", ""],
  ["the managed network's", waiting("key-vault", ids.vault, { owner: "managed-network" }), "pass", ""],
])("approval: %s", (_, connection, expected, command) => {
  const facts = { keyVault: seen(vault()), waiting: [connection] };
  expect(verdictOf(approval, facts)).toBe(expected);
  expect(commandsOf(approval, facts)).toContain(command);
});

test.each([
  ["a private endpoint here", { near: ["pe"] }, "pass"],
  ["none, and closed", {}, "kv-no-pe-in-client-vnet"],
  ["one in a network that is not joined", { far: ["pe"] }, "kv-no-pe-in-client-vnet"],
  ["one that cannot be placed", { unplaced: ["pe"] }, "unknown"],
  ["reached by a private address of an endpoint that we cannot read", { outcome: "private" }, "pass"],
  ["open to the public", { locked: false }, "pass"],
])("client path: %s", (_, more, expected) => {
  expect(
    verdictOf(path, {
      keyVault: vault(),
      access: [way("key-vault", ids.vault, more)],
      vantage: absent,
      subnets: absent,
    }),
  ).toBe(expected);
});

const jump = `${ids.vault.split("/providers/")[0] ?? ""}/providers/Microsoft.Network/virtualNetworks/v/subnets/jump`;
const on = (service: string) => [
  { id: jump, uses: [], is: seen({ subnet: { id: jump, properties: { serviceEndpoints: [{ service }] } } }) },
];
const rules = { virtualNetworkRules: [{ id: jump.toLowerCase() }], ipRules: [{ value: "20.1.2.0/24" }] };
const at = (addresses: readonly string[], subnetId?: string) =>
  seen({ addresses, instance: absent, ...(subnetId === undefined ? {} : { subnetId }) });

test.each([
  ["its subnet, with the service endpoint", at(["10.1.1.4"], jump), on("Microsoft.KeyVault"), "pass"],
  ["its subnet, without the service endpoint", at(["10.1.1.4"], jump), on("Microsoft.Storage"), "unknown"],
  ["another subnet", at(["10.1.1.4"], `${jump}-2`), on("Microsoft.KeyVault"), "unknown"],
  ["its own public address", at(["20.1.2.3"]), [], "pass"],
  ["another public address", at(["20.1.3.3"]), [], "unknown"],
  ["nothing that a machine behind address translation knows", at(["192.168.1.23"]), [], "unknown"],
])("client path: the vault admits selected networks, and lists %s", (_, vantage, places, expected) => {
  const access = [
    way("key-vault", ids.vault, { name: { ...way("key-vault", ids.vault).name, publicAccess: "selected" } }),
  ];
  const keyVault = vault({ publicNetworkAccess: "Enabled", networkAcls: { defaultAction: "Deny", ...rules } });
  expect(verdictOf(path, { keyVault, access, vantage, subnets: seen(places) })).toBe(expected);
});
