import { describe, expect, it } from "vitest";
import probe from "../../../probes/client/sign-in.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";
import { facts, failed, oid, path, signIn, tenant } from "./own-path.ts";

const other = "00000000-0000-4000-8000-00000000cccc";
const claims = { objectId: oid, tenantId: tenant };
const refused = (challenge: object) => facts(path({ trouble: "token-refused", signIn: signIn({ claims, challenge }) }));
const wrongTenant = refused({ code: "InvalidAuthenticationTokenTenant", tenantId: other });

describe("client/sign-in", () => {
  it.each([
    ["both accept it", facts(path({ signIn: signIn({ claims }) })), "pass"],
    ["the role is missing", facts(path({ trouble: "denied", signIn: signIn({ claims }) })), "pass"],
    ["Resource Manager names another tenant", wrongTenant, "cv-wrong-tenant"],
    [
      "Resource Manager names the token's own tenant",
      refused({ code: "ExpiredAuthenticationToken", tenantId: tenant }),
      "cv-sign-in-refused",
    ],
    [
      "Resource Manager complains of the audience",
      refused({ code: "InvalidAuthenticationTokenAudience", tenantId: other }),
      "cv-sign-in-refused",
    ],
    ["there is no such tenant", facts(failed("refused", "AADSTS90002: Tenant not found")), "cv-wrong-tenant?"],
    ["the application is of another tenant", facts(failed("refused", "AADSTS700016: not found")), "cv-wrong-tenant?"],
    ["the secret has expired", facts(failed("refused", "AADSTS7000222: expired")), "cv-sign-in-refused"],
    ["a code that is not known here", facts(failed("refused", "AADSTS999999: who knows")), "cv-sign-in-refused"],
    ["there was nobody to sign in", facts(failed("no-credential", "none")), "skip"],
    ["the sign-in service was not reached", facts(failed("unreachable", "ECONNREFUSED")), "skip"],
    ["Resource Manager was not reached", facts(path({ trouble: "unanswered", signIn: signIn({ claims }) })), "skip"],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });

  it("signs in to the tenant that Resource Manager names", () => {
    expect(commandsOf(probe, wrongTenant)).toBe(`az login --tenant ${other}`);
  });

  it("shows the application's secrets when one of them is the matter", () => {
    const given = facts(failed("refused", "AADSTS7000222: expired", { clientId: oid }));
    expect(commandsOf(probe, given)).toMatch(new RegExp(`^az ad app credential list --id ${oid} `));
  });
});
