import { describe, expect, it } from "vitest";
import forbidden from "../../../probes/scoring/forbidden.ts";
import limits from "../../../probes/scoring/limits.ts";
import modelError from "../../../probes/scoring/model-error.ts";
import notFound from "../../../probes/scoring/not-found.ts";
import serverError from "../../../probes/scoring/server-error.ts";
import unauthorized from "../../../probes/scoring/unauthorized.ts";
import { readDeploymentLog } from "../../../src/facts/deployment-log-text.ts";
import type { ScoringAnswer } from "../../../src/facts/scoring-answers.ts";
import { judgeWith } from "../judge.ts";

const workspaceId = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w";
const endpointId = `${workspaceId}/onlineEndpoints/e`;
const deploymentId = `${endpointId}/deployments/blue`;
const said = (verdicts: ReturnType<typeof judgeWith>): string[] =>
  verdicts.map((verdict) => (verdict.is === "found" ? `${verdict.as ?? "stated"} ${verdict.reason}` : verdict.is));

function facts(
  answer: Partial<ScoringAnswer>,
  more: {
    flag?: string;
    publicAccess?: string;
    list?: string[];
    traffic?: Record<string, number>;
    deployment?: string;
  } = {},
): Record<string, unknown> {
  const full: ScoringAnswer = {
    endpointId,
    endpoint: "e",
    kubernetes: false,
    fqdn: "e.westeurope.inference.ml.azure.com",
    address: "10.0.0.7",
    isPrivate: true,
    resolved: true,
    asked: "anonymous",
    status: 401,
    headers: {},
    body: "",
    ...answer,
  };
  return {
    target: { endpoint: "e", ...(more.deployment === undefined ? {} : { deployment: more.deployment }) },
    workspace: {
      id: workspaceId,
      properties: { publicNetworkAccess: more.publicAccess ?? "Disabled", ipAllowlist: more.list ?? [] },
    },
    endpoints: [
      {
        endpoint: {
          id: endpointId,
          name: "e",
          properties: { publicNetworkAccess: more.flag ?? "Disabled", authMode: "Key", traffic: more.traffic ?? {} },
        },
        deployments: {
          is: "value",
          value: [{ id: deploymentId, name: "blue", properties: { provisioningState: "Succeeded" } }],
        },
      },
    ],
    answers: [full],
  };
}

const open = { isPrivate: false, address: "20.0.0.7", status: 403 };

describe("the answer of a scoring address", () => {
  it.each([
    ["401 without a key", unauthorized, facts({}), "pass"],
    ["401 with one", unauthorized, facts({ asked: "scoring-authorized" }), "stated scoring-401-unauthorized"],
    ["403 at the public address of a private endpoint", forbidden, facts(open), "warning scoring-403-forbidden"],
    [
      "403 beside a list of addresses",
      forbidden,
      facts(open, { flag: "Enabled", list: ["20.9.9.9"] }),
      "stated scoring-selected-ips-enforced",
    ],
    [
      "403 of an open endpoint in a closed workspace",
      forbidden,
      facts(open, { flag: "Enabled" }),
      "stated oe-pna-enabled-blocked-by-policy-or-ips",
    ],
    ["403 at the private address", forbidden, facts({ status: 403 }), "stated scoring-403-forbidden"],
    [
      "403 at the private address, to which names do not lead",
      forbidden,
      facts({ status: 403, resolved: false }),
      "stated scoring-403-forbidden",
    ],
    ["403 where no client comes", forbidden, facts({ ...open, resolved: false }), "pass"],
    ["404 without weight", notFound, facts({ status: 404 }), "stated scoring-404-no-positive-weight"],
    [
      "404 with weight",
      notFound,
      facts({ status: 404 }, { traffic: { blue: 100 } }),
      "warning scoring-404-no-positive-weight",
    ],
    [
      "a deployment that is not there",
      notFound,
      facts({}, { deployment: "green" }),
      "stated scoring-wrong-deployment-header",
    ],
    ["408", limits, facts({ status: 408, asked: "scoring" }), "stated scoring-408-request-timeout"],
    ["429", limits, facts({ status: 429, asked: "scoring" }), "stated scoring-429-throttled"],
    [
      "a delay",
      limits,
      facts({ status: 200, headers: { "ms-azureml-bandwidth-request-delay-ms": "120" } }),
      "stated scoring-bandwidth-throttled",
    ],
    [
      "503 to the user's request",
      serverError,
      facts({ status: 503, asked: "scoring" }),
      "stated scoring-500-502-503-504",
    ],
    ["200", serverError, facts({ status: 200 }), "pass"],
  ])("%s", (_, probe, given, expected) => {
    expect(said(judgeWith(probe, given))).toEqual([expected]);
  });
});

describe("a model that fails", () => {
  const init = "2026-09-18 06:32:14,311 I [1] azmlinfsrv.user_script - Users's init has completed successfully\n";
  const crash = "2026-09-18 07:12:45,011 E [71] gunicorn.error - Worker (pid:124) was sent SIGSEGV!\n";
  const good = '2026-09-18 07:05:51,091 I [1] gunicorn.access - "POST /score HTTP/1.0" 200 12\n';
  it.each([
    ["sound", init + good, "pass"],
    ["crashed last", init + good + crash, "stated scoring-424-model-error"],
    ["crashed once, long ago", init + crash + good, "warning scoring-424-model-error"],
  ])("%s", (_, content, expected) => {
    const given = {
      ...facts({}),
      logs: { is: "value", value: [{ id: deploymentId, is: { is: "value", value: readDeploymentLog(content) } }] },
      answers: { is: "value", value: [] },
      linked: { is: "value", value: [] },
    };
    expect(said(judgeWith(modelError, given))).toEqual([expected]);
  });

  it("is not in doubt because its log may not be read", () => {
    const gap = { is: "gap", at: "POST x/getLogs", gap: "denied", status: 403, action: "a" };
    const verdicts = judgeWith(modelError, {
      ...facts({}),
      logs: { is: "value", value: [{ id: deploymentId, is: gap }] },
      answers: { is: "absent" },
      linked: { is: "absent" },
    });
    expect(verdicts).toMatchObject([{ is: "unknown", matters: false }]);
  });
});
