import { describe, expect, it } from "vitest";
import probe from "../../../probes/client/management-plane.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";
import { facts, failed, host, machine, path, reach, signIn } from "./own-path.ts";
import type { ManagementHost } from "../../../src/facts/own-path.ts";

const manager = (changes: Partial<ManagementHost>) => host("resource-manager", changes);
const entra = (changes: Partial<ManagementHost>) => host("authority", changes);
const shut = { reaches: [reach("timeout")] };
const unanswered = (...hosts: ManagementHost[]) => facts(path({ trouble: "unanswered", hosts }));
const through = (outcome: "tunnel" | "refused", status?: number) => ({
  addresses: [],
  proxy: {
    proxy: "http://10.0.0.5:3128",
    host: "management.azure.com",
    port: 443,
    outcome,
    ...(status === undefined ? {} : { status }),
  },
});
const withoutToken = (kind: "unreachable" | "no-credential", ...hosts: ManagementHost[]) =>
  facts({ ...failed(kind, "no token"), hosts });

describe("client/management-plane", () => {
  it.each([
    ["Resource Manager answers", facts(path()), "pass"],
    ["Resource Manager refuses the action", facts(path({ trouble: "denied" })), "pass"],
    ["connections time out", unanswered(manager(shut)), "ws-control-plane-public-arm"],
    ["connections are refused", unanswered(manager({ reaches: [reach("refused")] })), "ws-control-plane-public-arm"],
    [
      "TLS is cut off at its name",
      unanswered(manager({ reaches: [reach("open", { outcome: "reset" })] })),
      "ws-control-plane-public-arm",
    ],
    ["one of two addresses answers", unanswered(manager({ reaches: [reach("timeout"), reach("open", {})] })), "skip"],
    [
      "the certificate is somebody else's",
      unanswered(manager({ reaches: [reach("open", { faults: ["untrusted-issuer"] })] })),
      "skip",
    ],
    ["it answers by now", unanswered(manager({ reaches: [reach("open", {})], answered: true })), "pass"],
    ["it answered another look-up", unanswered(manager({ ...shut, answered: true })), "pass"],
    [
      "an open connection is silent",
      unanswered(manager({ reaches: [reach("open", { outcome: "timeout" })] })),
      "ws-control-plane-public-arm(w)",
    ],
    [
      "the name is not resolved",
      unanswered(manager({ addresses: [], error: "ENOTFOUND" })),
      "cv-control-plane-name-unresolved",
    ],
    ["the proxy refuses", unanswered(manager(through("refused", 403))), "cv-control-plane-proxy-refuses"],
    ["the proxy lets it through", unanswered(manager(through("tunnel"))), "skip"],
    [
      "the sign-in service is not reached",
      withoutToken("unreachable", manager({ reaches: [reach("open", {})], answered: true }), entra(shut)),
      "pass ws-control-plane-public-arm",
    ],
    [
      "the sign-in service refused az, which goes another way",
      facts({ ...failed("refused", "AADSTS70043: expired", { way: "azure-cli" }), hosts: [entra(shut)] }),
      "pass",
    ],
    ["nobody asked the sign-in service", withoutToken("no-credential", entra(shut)), "ws-control-plane-public-arm(w)"],
    [
      "a managed identity needs no sign-in service",
      facts({ ...failed("unreachable", "-", { way: "managed-identity" }), hosts: [entra(shut)] }),
      "",
    ],
    [
      "a token was had, so the sign-in service is not needed",
      facts(
        path({
          trouble: "unanswered",
          signIn: signIn({ claims: { tenantId: "t" } }),
          hosts: [manager(shut), entra(shut)],
        }),
      ),
      "ws-control-plane-public-arm",
    ],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });

  it("names the machine and the host in a command that finds what stops it", () => {
    const given = facts(path({ trouble: "unanswered", hosts: [manager(shut)] }), { vm: true });
    expect(commandsOf(probe, given)).toContain(
      `az network watcher test-connectivity --source-resource ${machine} --dest-address management.azure.com --dest-port 443`,
    );
  });
});
