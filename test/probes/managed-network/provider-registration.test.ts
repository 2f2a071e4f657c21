import { describe, expect, it } from "vitest";
import probe from "../../../probes/managed-network/provider-registration.ts";
import { seen } from "../../../src/model/observation.ts";
import { denied, ids, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const own = "/subscriptions/00000000-0000-4000-8000-000000000001";
const foreign = "/subscriptions/00000000-0000-4000-8000-000000000009";

const network = (status: string) =>
  workspace({ managedNetwork: { isolationMode: "AllowOnlyApprovedOutbound", status: { status } } });
const state = (registrationState?: string, id = own) => ({ id, is: seen({ registrationState }) });
const rule = (status: string, target: string, error?: string) => ({
  id: `${ids.workspace}/outboundRules/r`,
  name: "r",
  kind: "private-endpoint",
  status,
  serviceResourceId: `${target}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st`,
  ...(error === undefined ? {} : { error }),
});

function facts(status: string, registrations: unknown, ...rules: unknown[]): Record<string, unknown> {
  return { workspace: network(status), registrations, rules: seen(rules) };
}

describe("the provider for networks", () => {
  it.each([
    ["no managed network", facts("Active", undefined), "skip"],
    ["registered", facts("Inactive", [state("Registered")]), "pass"],
    ["written otherwise", facts("Inactive", [state("registered")]), "pass"],
    ["unsaid", facts("Inactive", [state()]), "skip"],
    ["unseen", facts("Inactive", [{ id: own, is: denied }]), "unknown"],
    ["missing before the network is built", facts("Inactive", [state("NotRegistered")]), "mn-provider-not-registered"],
    ["gone since", facts("Active", [state("Unregistered")]), "mn-provider-not-registered(w)"],
    ["on its way", facts("Inactive", [state("Registering")]), "mn-provider-not-registered(w)"],
    [
      "missing where the target of a failed rule is",
      facts("Active", [state("Registered"), state("NotRegistered", foreign)], rule("Failed", foreign)),
      "pass mn-provider-not-registered",
    ],
    [
      "missing where no rule leads",
      facts("Active", [state("Registered"), state("NotRegistered", foreign)], rule("Active", own)),
      "pass mn-provider-not-registered(w)",
    ],
    [
      "named by the error of a rule",
      facts("Active", [state("NotRegistered")], rule("Failed", own, "MissingSubscriptionRegistration: not registered")),
      "mn-provider-not-registered",
    ],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(probe, given)).toBe(expected);
  });

  it("is registered in its own subscription, and the network is built where it is not", () => {
    expect(commandsOf(probe, facts("Inactive", [state("NotRegistered")]))).toMatch(
      /provider register .*--subscription 00000000-0000-4000-8000-000000000001[^]*provisionManagedNetwork/,
    );
    expect(commandsOf(probe, facts("Active", [state("NotRegistered")]))).not.toContain("provisionManagedNetwork");
  });
});
