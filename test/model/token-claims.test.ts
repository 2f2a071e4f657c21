import { describe, expect, it } from "vitest";
import { claimsOf } from "../../src/model/token-claims.ts";

const oid = "00000000-0000-4000-8000-0000000d0001";
const token = (claims: unknown): string =>
  `e30.${Buffer.from(typeof claims === "string" ? claims : JSON.stringify(claims)).toString("base64url")}.c2ln`;

describe("what an access token says of its holder", () => {
  it.each([
    ["an application", { oid, idtyp: "app", aud: "https://ml.azure.com", exp: 7, tid: "t", name: "n" }, "app"],
    ["an application without idtyp", { oid, roles: ["r"] }, undefined],
    ["a person", { oid, scp: "user_impersonation" }, "user"],
    ["a person with a name in Greek", { oid, idtyp: "user", name: "Ελένη" }, "user"],
  ])("%s", (_, claims, kind) => {
    const told = claimsOf(token(claims));
    expect(told?.objectId).toBe(oid);
    expect(told?.kind).toBe(kind);
  });

  it("takes no other member out of it", () => {
    const claims = claimsOf(token({ oid, idtyp: "app", aud: "a", exp: 7, tid: "t", upn: "u", name: "n", ipaddr: "i" }));
    expect(claims).toEqual({ objectId: oid, kind: "app", tenantId: "t", audience: "a", expiresAt: 7 });
  });

  it.each([
    ["a key", "bWFkZS11cC1rZXk="],
    ["no token at all", ""],
    ["an object id that is none", token({ oid: "x; rm -rf /" })],
    ["claims that are no JSON", token("{")],
    ["claims that are no object", token("7")],
    ["claims that are no base64", "e30.%%%.c2ln"],
  ])("%s names nobody", (_, text) => {
    expect(claimsOf(text)).toBeUndefined();
  });
});
