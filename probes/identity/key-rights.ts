import { grantRole, listRoles } from "../../src/model/access-commands.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { builtInRoles } from "../../src/model/built-in-roles.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { maybe } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { endpointGrants } from "../../src/facts/endpoint-grants.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { holds } from "../../src/facts/role-grants.ts";
import { scoringAnswers } from "../../src/facts/scoring-answers.ts";
import { signedIn } from "../../src/facts/signed-in.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-authenticate-online-endpoint";
const base = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints";

/** What hands out the credential of an endpoint with this authentication; undefined where roles decide instead. */
function actionFor(authMode: string | null | undefined): string | undefined {
  if (sameText(authMode, "Key")) return `${base}/listKeys/action`;
  return sameText(authMode, "AMLToken") ? `${base}/token/action` : undefined;
}

/**
 * Whether the signed-in identity may fetch what the endpoint asked for: looked at only where a scoring request was refused
 * with 401, since Reader never holds the right and nobody misses it until then. Keys are not fetched to find out.
 */
export default defineProbe({
  id: "identity/key-rights",
  title: "The signed-in identity may fetch the credential that the endpoint asks for",
  layer: "identity",
  docs: [docs],
  needs: { endpoints: onlineEndpoints, answers: scoringAnswers, me: maybe(signedIn), grants: endpointGrants },
  consequence: "Whether the signed-in identity may fetch keys and tokens of the endpoint",
  advisory: true,
  reasons: {
    "rbac-endpoint-keys-missing": reason<{ endpointId: string; objectId: string; isPerson: boolean; action: string }>({
      severity: "warning",
      title: "The signed-in identity may not fetch the endpoint's keys or tokens",
      detail: ({ objectId, action }) => `${objectId} holds no role with ${action}; Reader has it not.`,
      fix: ({ endpointId, objectId, isPerson }) => ({
        summary: `Have somebody who may fetch the credential hand it over, or give this identity the role ${builtInRoles.dataScientist} on the endpoint`,
        commands: [grantRole(objectId, builtInRoles.dataScientist, endpointId, isPerson ? "User" : "ServicePrincipal")],
        warning:
          "Fetching keys and tokens is a management call: it goes to the public Azure Resource Manager, never over the workspace's private endpoint, so the machine that does it needs a way there.",
        takesEffect: "Within some minutes",
        verify: [listRoles(objectId, endpointId)],
        docs,
      }),
    }),
  },
  judge({ endpoints, answers, me, grants }, say) {
    const refused = answers.filter(
      ({ asked, status, deployment, kubernetes }) =>
        asked !== "anonymous" && status === 401 && deployment === undefined && !kubernetes,
    );
    if (refused.length === 0)
      return say.skip("no scoring request to a managed endpoint was refused for want of a credential");
    if (me === undefined) return say.skip("the signed-in identity is not known");
    return refused.map(({ endpointId, endpoint, fqdn, address }): Verdict => {
      const authMode = endpoints.find((one) => sameId(one.endpoint.id, endpointId))?.endpoint.properties.authMode;
      const action = actionFor(authMode);
      if (action === undefined) return say.skip("the endpoint has no keys or tokens of its own", endpointId);
      const holding = holds(grants, me.objectId, endpointId, action);
      switch (holding.is) {
        case "held":
          return say.pass(
            `${me.objectId} may fetch the credential of ${endpoint}, over the public Azure Resource Manager`,
            { subject: endpointId },
          );
        case "perhaps":
          return say.unknown("a group holds the right to fetch keys, and who is in it cannot be seen", {
            subject: endpointId,
            matters: false,
          });
        case "unknown":
          return say.unknown(holding.gap ?? "the roles on the endpoint could not be read", {
            subject: endpointId,
            matters: false,
          });
        case "missing":
          return say.found("rbac-endpoint-keys-missing", {
            subject: endpointId,
            about: [fqdn],
            data: { endpointId, objectId: me.objectId, isPerson: me.isPerson, action },
            evidence: [
              armEvidence(
                endpointId,
                `role assignments of ${me.objectId} at and above it`,
                `none with ${action}`,
                `${builtInRoles.dataScientist} or another role with that action`,
              ),
              armEvidence(endpointId, "properties.authMode", authMode ?? undefined),
              { kind: "http", source: `POST ${fqdn} at ${address}:443`, observed: "401", expected: "200" },
            ],
          });
      }
    });
  },
});
