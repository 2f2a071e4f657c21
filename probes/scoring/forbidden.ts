import { apiVersions } from "../../src/model/api-versions.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest, type Remediation } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { scoringAnswers } from "../../src/facts/scoring-answers.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link#enable-public-access-only-from-internet-ip-ranges";

interface Forbidden {
  readonly endpointId: string;
  readonly workspaceId: string;
  readonly address: string;
  readonly isPrivate: boolean;
  readonly allowed: readonly string[];
}

const showRules = ({ workspaceId, endpointId }: Forbidden): Remediation => ({
  summary:
    "Call from a machine on the private path; where callers from the internet are meant, have their addresses put on the workspace's list",
  commands: [
    az(
      "rest",
      "--method",
      "get",
      "--url",
      `${workspaceId}?api-version=${apiVersions.machineLearning}`,
      "--query",
      "properties.{publicNetworkAccess:publicNetworkAccess,ipAllowlist:ipAllowlist,networkAcls:networkAcls}",
    ),
    az(
      "rest",
      "--method",
      "get",
      "--url",
      `${endpointId}?api-version=${apiVersions.machineLearning}`,
      "--query",
      "properties.publicNetworkAccess",
    ),
  ],
  warning: "Who may come in from the internet is the security owner's decision.",
  verify: [azRest("get", endpointId, apiVersions.machineLearning).text],
  docs,
});

/**
 * 403 at the address that a client meets. Which code the service gives to whom is not documented, so what it means is
 * inferred from the flags beside it. A private-only endpoint that answers 403 at a public address does what it should:
 * then the question is why the client came there, and the checks of names and position answer it.
 */
export default defineProbe({
  id: "scoring/forbidden",
  title: "No scoring address answers 403 to its callers",
  layer: "endpoint",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint"],
  needs: { workspace, endpoints: onlineEndpoints, answers: scoringAnswers },
  consequence: "Whether callers are refused with 403",
  advisory: true,
  reasons: {
    "scoring-403-forbidden": reason<Forbidden>({
      severity: "error",
      title: "The scoring address answers 403",
      detail: ({ address, isPrivate }) =>
        isPrivate
          ? `The private address ${address} answers 403: the path works, and the caller's identity or the endpoint's rules refuse it.`
          : `The public address ${address} answers 403 to callers that the endpoint does not let in from the internet.`,
      fix: showRules,
      causedBy: ["rbac-score-action-missing", { reason: "cv-client-outside-vnet", scope: "anywhere" }],
    }),
    "scoring-selected-ips-enforced": reason<Forbidden>({
      severity: "error",
      title: "The workspace's list of allowed addresses refuses this caller",
      detail: ({ allowed }) =>
        `The endpoint is open to the internet and honours the workspace's list (${allowed.slice(0, 5).join(", ")}), on which this caller's public address seems not to be.`,
      fix: showRules,
      causedBy: ["ws-pna-selected-ips-client-missing", { reason: "cv-client-outside-vnet", scope: "anywhere" }],
    }),
    "oe-pna-enabled-blocked-by-policy-or-ips": reason<Forbidden>({
      severity: "error",
      title: "The endpoint is open to the internet, but the workspace is closed and refuses the caller",
      fix: showRules,
      causedBy: [{ reason: "cv-client-outside-vnet", scope: "anywhere" }],
    }),
  },
  judge({ workspace: { id, properties }, endpoints, answers }, say) {
    const met = answers.filter(
      ({ status, resolved, isPrivate, deployment, kubernetes }) =>
        // The private endpoint's own address is where clients belong, wherever names lead at this moment.
        status === 403 && (resolved || isPrivate) && deployment === undefined && !kubernetes,
    );
    const worst = met.filter(
      (answer, index) =>
        met.findIndex(({ endpointId, address }) => endpointId === answer.endpointId && address === answer.address) ===
        index,
    );
    if (worst.length === 0) return say.pass();
    const allowed = [
      ...(properties.ipAllowlist ?? []),
      ...(properties.networkAcls?.ipRules ?? []).flatMap(({ value }) => value ?? []),
    ];
    return worst.map(({ endpointId, fqdn, address, isPrivate, asked, body }) => {
      const flag =
        endpoints.find(({ endpoint }) => sameId(endpoint.id, endpointId))?.endpoint.properties.publicNetworkAccess ??
        undefined;
      const evidence: Evidence[] = [
        {
          kind: "http",
          source: `${asked === "anonymous" ? "GET" : "POST"} ${fqdn} at ${address}:443`,
          observed: `403 ${body}`.trim(),
          expected: "401 without a key, 200 with one",
        },
        armEvidence(endpointId, "properties.publicNetworkAccess", flag),
        armEvidence(id, "properties.publicNetworkAccess", properties.publicNetworkAccess ?? undefined),
      ];
      const what = {
        subject: endpointId,
        about: [fqdn, address],
        data: { endpointId, workspaceId: id, address, isPrivate, allowed },
        evidence,
        inferredFrom: "the answer, the address it came from, and the public access of endpoint and workspace",
      };
      if (!isPrivate && sameText(flag, "Enabled") && allowed.length > 0)
        return say.found("scoring-selected-ips-enforced", {
          ...what,
          evidence: [...evidence, armEvidence(id, "properties.ipAllowlist", allowed.slice(0, 10))],
        });
      if (!isPrivate && sameText(flag, "Enabled") && sameText(properties.publicNetworkAccess, "Disabled"))
        return say.found("oe-pna-enabled-blocked-by-policy-or-ips", what);
      return say.found("scoring-403-forbidden", { ...what, ...(isPrivate ? {} : { as: "warning" as const }) });
    });
  },
});
