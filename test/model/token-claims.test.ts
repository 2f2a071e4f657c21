import { describe, expect, it } from "vitest";
import { watchIdentity } from "../../src/azure/watch-identity.ts";
import { claimsOf } from "../../src/model/token-claims.ts";

const oid = "00000000-0000-4000-8000-0000000d0001";
const token = (claims: unknown): string =>
  `e30.${Buffer.from(typeof claims === "string" ? claims : JSON.stringify(claims)).toString("base64url")}.c2ln`;

describe("what an access token says of its holder", () => {
  it.each([
    ["an application", { oid, idtyp: "app", aud: "https://ml.azure.com", exp: 7, tid: "t", name: "n" }, false],
    ["an application without idtyp", { oid, roles: ["r"] }, false],
    ["a person", { oid, scp: "user_impersonation" }, true],
    ["a person with a name in Greek", { oid, idtyp: "user", name: "Ελένη" }, true],
  ])("%s", (_, claims, isPerson) => {
    expect(claimsOf(token(claims))).toMatchObject({ objectId: oid, isPerson });
  });

  it("takes no other member out of it", () => {
    const claims = claimsOf(token({ oid, idtyp: "app", aud: "a", exp: 7, tid: "t", upn: "u", name: "n", ipaddr: "i" }));
    expect(claims).toEqual({ objectId: oid, isPerson: false, tenantId: "t", audience: "a", expiresAt: 7 });
  });

  it.each([
    ["a key", "bWFkZS11cC1rZXk="],
    ["no token at all", ""],
    ["a token without an object id", token({ aud: "a" })],
    ["an object id that is none", token({ oid: "x; rm -rf /" })],
    ["claims that are no JSON", token("{")],
    ["claims that are no object", token("7")],
    ["claims that are no base64", "e30.%%%.c2ln"],
  ])("%s names nobody", (_, text) => {
    expect(claimsOf(text)).toBeUndefined();
  });
});

describe("the identity that is watched", () => {
  it("is known from the tokens that pass, and stays known", async () => {
    const tokens = [token({ oid, scp: "s" }), "opaque"];
    const { credential, identity } = watchIdentity({
      getToken: async () => ({ token: tokens.shift() ?? "", expiresOnTimestamp: 0 }),
    });
    expect(identity.signedIn()).toBeUndefined();
    await credential.getToken("s");
    await credential.getToken("s");
    expect(identity.signedIn()).toEqual({ objectId: oid, isPerson: true });
  });
});
