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
import { scoringCaller } from "../../src/facts/scoring-caller.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-authenticate-online-endpoint";
const action = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action";
/** Whom a token for online endpoints is for: the service's address in each cloud, or its application id. */
const ownAudience = /^(?:https:\/\/ml\.azure\.|18a66f5f-dbdf-4c17-9dd7-1634712a9cbe$)/i;

/**
 * Whether the holder of the token that was sent may score. The token itself names its holder, so that nobody is taken for
 * the caller who is not; an expired token, or one for another service, is refused whatever roles there are.
 */
export default defineProbe({
  id: "identity/scoring-rights",
  title: "The caller whose token was sent may score",
  layer: "identity",
  docs: [docs],
  needs: {
    endpoints: onlineEndpoints,
    answers: scoringAnswers,
    caller: maybe(scoringCaller),
    grants: endpointGrants,
  },
  consequence: "Whether the caller holds the right to score",
  advisory: true,
  reasons: {
    "rbac-score-action-missing": reason<{ endpointId: string; objectId: string; isPerson: boolean }>({
      severity: "error",
      title: "The caller of the endpoint holds no role that may score",
      detail: ({ objectId }) =>
        `The token belongs to ${objectId}, which holds no role with ${action} on the endpoint or above it.`,
      fix: ({ endpointId, objectId, isPerson }) => ({
        summary: `Give the caller the role ${builtInRoles.dataScientist}, or a custom role with the score action, on this endpoint`,
        commands: [grantRole(objectId, builtInRoles.dataScientist, endpointId, isPerson ? "User" : "ServicePrincipal")],
        warning:
          "The role holds more than scoring; a custom role with this one action is the least. Zones, firewalls and private endpoints have nothing to do with it.",
        takesEffect: "Within some minutes; a token that was had before may be used on",
        verify: [listRoles(objectId, endpointId)],
        docs,
      }),
      rivals: ["scoring-401-unauthorized", "scoring-403-forbidden"],
    }),
  },
  judge({ endpoints, answers, caller, grants }, say) {
    const sent = answers.filter(({ asked, deployment }) => asked === "scoring-authorized" && deployment === undefined);
    if (sent.length === 0) return say.skip("no scoring request with a credential was sent");
    if (caller === undefined) return say.skip("the credential that was sent is no token that names its holder");
    return sent.map(({ endpointId, endpoint, fqdn, address, status, body }): Verdict => {
      const of = { subject: endpointId };
      const each = endpoints.find((one) => sameId(one.endpoint.id, endpointId));
      if (!sameText(each?.endpoint.properties.authMode, "AADToken"))
        return say.skip("the endpoint takes keys or tokens of its own, no roles", endpointId);
      if (status !== 401 && status !== 403) return say.pass(`${endpoint} took the token of ${caller.objectId}`, of);
      if (caller.isExpired) return say.skip("the token had expired when it was sent", endpointId);
      if (caller.audience !== undefined && !ownAudience.test(caller.audience))
        return say.skip(`the token is for ${caller.audience}, not for online endpoints`, endpointId);
      // A door that refuses everybody refuses this caller too: roles are asked behind it.
      const refusesAll = answers.some(
        (other) =>
          other.asked === "anonymous" && other.address === address && other.fqdn === fqdn && other.status === 403,
      );
      if (refusesAll) return say.skip("the address answers 403 to everybody", endpointId);
      const holding = holds(grants, caller.objectId, endpointId, action);
      switch (holding.is) {
        case "held":
          return say.pass(`${caller.objectId} holds a role that may score`, of);
        case "perhaps":
          return say.unknown("a group holds the right to score, and who is in it cannot be seen", {
            ...of,
            matters: false,
          });
        case "unknown":
          return say.unknown(holding.gap ?? "the roles on the endpoint could not be read", { ...of, matters: false });
        case "missing":
          return say.found("rbac-score-action-missing", {
            ...of,
            about: [fqdn],
            data: { endpointId, objectId: caller.objectId, isPerson: caller.isPerson },
            evidence: [
              armEvidence(endpointId, "properties.authMode", "AADToken"),
              armEvidence(
                endpointId,
                `role assignments of ${caller.objectId} at and above it`,
                `none with ${action}`,
                `${builtInRoles.dataScientist} or another role with that action`,
              ),
              {
                kind: "http",
                source: `POST ${fqdn} at ${address}:443, with the token of ${caller.objectId}`,
                observed: `${status} ${body}`.trim(),
                expected: "200",
              },
            ],
            ruledOut: [
              { id: "scoring-401-unauthorized", by: "the token is for this service and had not expired" },
              { id: "scoring-403-forbidden", by: "the same address does not answer 403 to a request without a token" },
            ],
          });
      }
    });
  },
});
