import { describe, expect, it } from "vitest";
import keys from "../../../probes/identity/key-rights.ts";
import scoring from "../../../probes/identity/scoring-rights.ts";
import { denied, endpoints, grants, ids, principal } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const host = "score1.eastus2.inference.ml.azure.com";
const scientist = { actions: ["Microsoft.MachineLearningServices/workspaces/*/action"] };
const reader = { actions: ["*/read"] };

const answer = (more: Readonly<Record<string, unknown>> = {}) => ({
  endpointId: ids.endpoint,
  endpoint: "score1",
  kubernetes: false,
  fqdn: host,
  address: "10.1.0.7",
  isPrivate: true,
  resolved: true,
  asked: "scoring-authorized",
  status: 401,
  headers: {},
  body: "",
  ...more,
});
const caller = { objectId: principal, isPerson: false, audience: "https://ml.azure.com", isExpired: false };

function facts(
  more: {
    authMode?: string;
    answers?: readonly unknown[];
    caller?: unknown;
    me?: unknown;
    grants?: unknown;
    role?: Readonly<Record<string, unknown>>;
    type?: string;
  } = {},
): Record<string, unknown> {
  const held = grants(ids.endpoint, [more.type === undefined ? [principal, "r"] : ["g", "r", more.type]], {
    r: more.role ?? reader,
  });
  return {
    endpoints: endpoints({}, { authMode: more.authMode ?? "AADToken" }),
    answers: more.answers ?? [answer()],
    caller: "caller" in more ? more.caller : caller,
    me: "me" in more ? more.me : { objectId: principal, isPerson: true },
    grants: "grants" in more ? more.grants : held.is === "value" ? held.value : undefined,
  };
}

const unreadable = { scopes: [{ id: ids.endpoint, assignments: denied }], definitions: [] };

describe("the rights of whoever scores", () => {
  it.each([
    ["a reader is refused with 401", facts(), "rbac-score-action-missing"],
    ["a reader is refused with 403", facts({ answers: [answer({ status: 403 })] }), "rbac-score-action-missing"],
    ["a data scientist is refused", facts({ role: scientist }), "pass"],
    ["a reader is answered", facts({ answers: [answer({ status: 200 })] }), "pass"],
    ["a group may score", facts({ role: scientist, type: "Group" }), "unknown"],
    ["the roles may not be read", facts({ grants: unreadable }), "unknown"],
    ["the endpoint takes keys", facts({ authMode: "Key" }), "skip"],
    ["the token had expired", facts({ caller: { ...caller, isExpired: true } }), "skip"],
    ["the token is ARM's", facts({ caller: { ...caller, audience: "https://management.azure.com" } }), "skip"],
    [
      "the token names the service by its id",
      facts({ caller: { ...caller, audience: "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe" } }),
      "rbac-score-action-missing",
    ],
    ["a key was sent", facts({ caller: undefined }), "skip"],
    ["nothing was sent", facts({ answers: [answer({ asked: "anonymous" })] }), "skip"],
    [
      "the address answers everybody 403",
      facts({ answers: [answer({ status: 403 }), answer({ status: 403, asked: "anonymous" })] }),
      "skip",
    ],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(scoring, given)).toBe(expected);
  });

  it("are given to the caller on the endpoint", () => {
    expect(commandsOf(scoring, facts())).toBe(
      `az role assignment create --assignee-object-id ${principal} --assignee-principal-type ServicePrincipal --role 'AzureML Data Scientist' --scope ${ids.endpoint}`,
    );
  });
});

describe("the rights of whoever is signed in to fetch keys", () => {
  it.each([
    ["a reader is asked for a key", facts({ authMode: "key" }), "rbac-endpoint-keys-missing"],
    ["a reader is asked for a token", facts({ authMode: "AMLToken" }), "rbac-endpoint-keys-missing"],
    [
      "a reader sent nothing",
      facts({ authMode: "Key", answers: [answer({ asked: "scoring" })] }),
      "rbac-endpoint-keys-missing",
    ],
    ["a data scientist is asked for a key", facts({ authMode: "Key", role: scientist }), "pass"],
    ["a group may fetch keys", facts({ authMode: "Key", role: scientist, type: "Group" }), "unknown"],
    ["the roles may not be read", facts({ authMode: "Key", grants: unreadable }), "unknown"],
    ["roles decide", facts(), "skip"],
    ["nobody was refused", facts({ authMode: "Key", answers: [answer({ status: 200 })] }), "skip"],
    ["no request was sent", facts({ authMode: "Key", answers: [answer({ asked: "anonymous" })] }), "skip"],
    ["it is not known who is signed in", facts({ authMode: "Key", me: undefined }), "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(keys, given)).toBe(expected);
  });

  it("are given to a person as to a person", () => {
    expect(commandsOf(keys, facts({ authMode: "Key" }))).toContain("--assignee-principal-type User");
  });
});
