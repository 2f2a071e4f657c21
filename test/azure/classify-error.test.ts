import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { judgeAnswer, judgeThrown } from "../../src/azure/classify-error.ts";
import { SignInError } from "../../src/azure/sign-in-error.ts";
import { describeWithShared } from "../shared-folder.ts";

const ms = { "x-ms-request-id": "1" };
const error = (code: string, message = "m", more: object = {}) => JSON.stringify({ error: { code, message, ...more } });
const refusal =
  "The client 'a' with object id 'b' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope '/subscriptions/s/resourceGroups/g' or the scope is invalid.";

describe("an answer", () => {
  it.each([
    ["ARM's own 404", 404, ms, error("ResourceNotFound")],
    ["a missing parent", 404, ms, error("ParentResourceNotFound")],
    ["a missing group", 404, ms, error("ResourceGroupNotFound")],
    [
      "Azure ML's 404",
      404,
      ms,
      error("UserError", "Not found", {
        details: [],
        additionalInfo: [{ type: "ComponentName" }],
        innerError: { code: "NotFound" },
      }),
    ],
    ["a bare 404", 404, ms, '{"code":"NotFound","message":"no"}'],
    ["a capitalised 404", 404, ms, '{"Code":"NotFound","Message":"no"}'],
    ["the registry's JSON in a string", 404, ms, JSON.stringify(error("EntityNotFound"))],
    ["Azure ML's empty 404", 404, ms, ""],
    ["a subscription of another tenant", 404, { "x-ms-failure-cause": "gateway" }, error("SubscriptionNotFound")],
    ["a provider's own SubscriptionNotFound", 404, ms, error("SubscriptionNotFound", "Rule does not exist")],
  ])("is absent: %s", (_, status, headers, body) => {
    expect(judgeAnswer({ status, headers, body })).toEqual({ is: "absent" });
  });

  it.each([
    ["HTML under 404", 404, {}, "<html>no</html>", { gap: "error", code: "not-json" }],
    ["an empty 404 of nobody", 404, {}, "", { gap: "error", code: "not-json" }],
    [
      "a type that the version does not know",
      404,
      ms,
      error("InvalidResourceType"),
      { gap: "error", code: "InvalidResourceType" },
    ],
    [
      "a 404 with a message only",
      404,
      ms,
      '{"Message":"No HTTP resource was found"}',
      { gap: "error", code: "http-404" },
    ],
    ["401", 401, ms, error("ExpiredAuthenticationToken"), { gap: "denied", status: 401 }],
    [
      "a refusal",
      403,
      ms,
      error("AuthorizationFailed", refusal),
      {
        gap: "denied",
        status: 403,
        action: "Microsoft.KeyVault/vaults/read",
        scope: "/subscriptions/s/resourceGroups/g",
      },
    ],
    [
      "a refusal that says little",
      403,
      ms,
      error("AuthorizationFailed", "no"),
      { gap: "denied", status: 403, action: "X/y/read" },
    ],
    [
      "a refusal of nonsense",
      403,
      ms,
      error("AuthorizationFailed", "perform action 'rm -rf /' over scope 'x'"),
      { gap: "denied", status: 403, action: "X/y/read" },
    ],
    ["a policy", 403, ms, error("RequestDisallowedByPolicy"), { gap: "error", code: "RequestDisallowedByPolicy" }],
    ["a proxy's 403", 403, {}, "<html><b>Blocked</b>", { gap: "error", code: "http-403", message: "Blocked" }],
    ["429 with a wait", 429, { "retry-after": "7" }, "", { gap: "throttled", retryAfterMs: 7000 }],
    [
      "429 with the wait in its text",
      429,
      ms,
      error("SubscriptionRequestsThrottled", "Please try again after '324' seconds."),
      { gap: "throttled", retryAfterMs: 324_000 },
    ],
    ["500", 500, ms, error("ServiceError"), { gap: "error", code: "ServiceError" }],
    [
      "HTML under 503",
      503,
      {},
      "<h2>Our services aren't available</h2>",
      { gap: "error", code: "http-503", message: "Our services aren't available" },
    ],
    ["a redirect", 302, { location: "https://evil.test/" }, "", { gap: "error", code: "http-302" }],
    ["HTML under 200", 200, {}, "<html>", { gap: "error", code: "not-json" }],
    ["a list under 200", 200, {}, "[]", { gap: "error", code: "not-json" }],
    ["half of an answer", 200, {}, '{"a":', { gap: "error", code: "not-json" }],
    ["nothing", 200, {}, "", { gap: "error", code: "not-json" }],
    [
      "the registry's extra status",
      400,
      ms,
      '{"error":{"code":"ClassicSkuDeprecated","message":"x"},"status":"Failed"}',
      { gap: "error", code: "ClassicSkuDeprecated" },
    ],
    [
      "a hostile message",
      400,
      ms,
      error("A\u001b[31m", "\u001b[2J\u202egone\neyJhbGciOiJI.eyJzdWIiOiIx.c2ln"),
      { gap: "error", code: "http-400", message: "[2J gone ***" },
    ],
  ])("is a gap: %s", (_, status, headers, body, gap) => {
    expect(judgeAnswer({ status, headers: headers, body }, "X/y/read")).toMatchObject({ is: "gap", gap });
  });

  it("is found, with a byte-order mark and all", () => {
    expect(judgeAnswer({ status: 200, headers: {}, body: '\ufeff{"a":1}' })).toEqual({ is: "found", json: { a: 1 } });
  });
});

describe("a request without an answer", () => {
  it.each([
    [
      Object.assign(new Error("x"), { code: "SELF_SIGNED_CERT_IN_CHAIN" }),
      { gap: "unreachable", code: "SELF_SIGNED_CERT_IN_CHAIN" },
    ],
    [new DOMException("x", "TimeoutError"), { gap: "timed-out", afterMs: 9 }],
    [new SignInError("refused", "AADSTS7000215: no"), { gap: "denied", status: 401, message: "AADSTS7000215: no" }],
    [new SignInError("timed-out", "x"), { gap: "timed-out", afterMs: 9 }],
    [new SignInError("unreachable", "x", "ENOTFOUND"), { gap: "unreachable", code: "ENOTFOUND" }],
    [new SignInError("no-credential", "x"), { gap: "error", code: "sign-in", message: "x" }],
    ["text", { gap: "error", code: "request-failed" }],
  ])("%s", (thrown, gap) => {
    expect(judgeThrown(thrown, 9)).toMatchObject(gap);
  });
});

describeWithShared("every recorded error", (shared) => {
  const folder = join(shared, "arm-corpus/recordings");
  const recorded = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({
      name,
      ...(JSON.parse(readFileSync(join(folder, name), "utf8")) as {
        status: number;
        headers?: Record<string, string>;
        body?: unknown;
        method: string;
        url: string;
      }),
    }))
    .filter(({ status }) => status >= 400);

  it.each(recorded.map((each) => [each.name, each] as const))("%s is judged", (_, { status, headers, body }) => {
    const text = body === null || body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const judged = judgeAnswer({ status, headers: headers ?? {}, body: text });
    expect(judged.is).not.toBe("found");
    if (judged.is === "absent") expect(status).toBe(404);
  });
});
