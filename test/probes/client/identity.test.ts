import { describe, expect, it } from "vitest";
import probe from "../../../probes/client/identity.ts";
import { judgeWith } from "../judge.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";
import { facts, failed, machine, oid, path, signIn, tenant } from "./own-path.ts";

const imds = (description: string | undefined, more: object = {}) => ({
  host: "169.254.169.254",
  status: 400,
  error: "invalid_request",
  ...(description === undefined ? {} : { description }),
  ...more,
});
const unavailable = "ManagedIdentityCredential: Authentication failed";
const none = (refusal: ReturnType<typeof imds>, more: object = {}) =>
  failed("no-credential", unavailable, { way: "managed-identity", refusals: [refusal], ...more });
const several = none(imds("Multiple user assigned identities exist, please specify the clientId"));
const proxy = { HTTPS_PROXY: "http://10.0.0.5:3128" };
const azSays = "AzureCliCredential: ProxyError: HTTPConnectionPool(host='169.254.169.254', port=80)";

describe("client/identity", () => {
  it.each([
    ["a token was had", facts(path({ signIn: signIn({ claims: { objectId: oid, tenantId: tenant } }) })), "pass"],
    ["no token was asked for", facts(path()), "skip"],
    ["the metadata service finds none", facts(none(imds("Identity not found"))), "cv-no-identity"],
    ["the metadata service knows several", facts(several), "cv-several-identities"],
    [
      "a proxy answers in place of the metadata service",
      facts(none(imds(undefined, { status: 403, proxied: "Via: 1.1 squid" }))),
      "cv-identity-endpoint-proxied",
    ],
    ["there is nothing at all", facts(failed("no-credential", "no credential is available")), "cv-no-identity"],
    [
      "no metadata service answers here",
      facts(failed("unreachable", "connect ECONNREFUSED", { way: "managed-identity" })),
      "cv-no-identity",
    ],
    [
      "the metadata service of a VM gives no token in time",
      facts(failed("timed-out", "signing in took too long", { way: "managed-identity" }), { vm: true }),
      "skip",
    ],
    [
      "az asks the metadata service through the proxy",
      facts(failed("no-credential", azSays), { vm: true, proxy }),
      "cv-identity-endpoint-proxied?",
    ],
    [
      "the proxy excepts the metadata service",
      facts(failed("no-credential", azSays), { vm: true, proxy: { ...proxy, NO_PROXY: "169.254.169.254" } }),
      "cv-no-identity",
    ],
    [
      "a proxy is set, and nothing says that it matters",
      facts(failed("no-credential", "-"), { vm: true, proxy }),
      "cv-no-identity",
    ],
    ["Entra ID refuses the secret", facts(failed("refused", "AADSTS7000215: no")), "skip"],
    ["Resource Manager is not reached", facts(path({ trouble: "unanswered" })), "skip"],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });

  it("lists the identities of the VM, to choose one", () => {
    expect(commandsOf(probe, facts(several, { vm: true }))).toBe(
      `az vm identity show --ids ${machine} --query userAssignedIdentities`,
    );
  });

  it("keeps what the metadata service said", () => {
    const [verdict] = judgeWith(probe, facts(several));
    expect(verdict?.is === "found" && verdict.evidence[0]).toMatchObject({
      observed: expect.stringMatching(/^HTTP 400: invalid_request: Multiple user assigned/) as string,
    });
  });
});
