import { grantRole } from "../../src/model/access-commands.ts";
import { parentId } from "../../src/model/arm-id.ts";
import { builtInRoles } from "../../src/model/built-in-roles.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import type { TokenClaims } from "../../src/model/token-claims.ts";
import { deniedReads } from "../../src/facts/denied-reads.ts";
import { ownPath } from "../../src/facts/own-path.ts";
import { target } from "../../src/facts/target.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/role-based-access-control/role-assignments-cli";

/** More commands would not be read. */
const mostShown = 5;

interface Missing {
  readonly claims: TokenClaims;
  readonly actions: readonly string[];
  /** Where the role is wanted, each at the smallest scope. */
  readonly scopes: readonly string[];
}

/**
 * What the identity in use may not read. A refusal says nothing about the estate: what was not seen stays an open question,
 * and this names the identity, the smallest built-in role and the scopes that would close it. Never an error.
 */
export default defineProbe({
  id: "workspace/reader-rights",
  title: "The identity in use may read what the diagnosis looks at",
  layer: "control-plane",
  docs: [docs],
  needs: { ownPath, deniedReads, target, vantage },
  advisory: true,
  reasons: {
    "cv-identity-without-role": reason<Missing>({
      severity: "warning",
      title: "The identity that signed in may not read the workspace",
      detail: ({ claims, actions }) =>
        `${who(claims)} signed in and was refused ${shortList(actions)} on the workspace.`,
      fix: ({ claims, scopes }) => ({
        summary: "Give the identity Reader on the resource group of the workspace",
        commands: grants(claims, scopes),
        warning: "The private DNS zones and networks are often in other resource groups, and want the same.",
        takesEffect: "Within 10 minutes; a new token may be needed",
        verify: [listed(claims)],
        docs,
      }),
      rivals: ["cv-wrong-tenant", "rbac-reader-missing"],
    }),
    "rbac-reader-missing": reason<Missing>({
      severity: "warning",
      title: "The identity in use may not read everything that the diagnosis looks at",
      detail: ({ claims, actions }) =>
        `${who(claims)} was refused ${shortList(actions)}; what depends on it could not be checked.`,
      fix: ({ claims, scopes }) => ({
        summary: `Give the identity ${builtInRoles.reader} where it was refused: the smallest built-in role with these actions`,
        commands: grants(claims, scopes),
        warning:
          "Reader on the resource group or subscription covers what else is there. `aml-doctor permissions` prints a custom role with just what is read.",
        takesEffect: "Within 10 minutes; a new token may be needed",
        verify: [listed(claims)],
        docs,
      }),
      rivals: ["cv-identity-without-role"],
    }),
  },
  judge({ ownPath: { trouble, signIn, denied }, deniedReads: refused, target: asked, vantage: here }, say) {
    const { claims = {} } = signIn;
    const subject = claims.objectId ?? here.name;
    if (trouble === "denied") {
      const action = denied?.action ?? "Microsoft.MachineLearningServices/workspaces/read";
      return say.found("cv-identity-without-role", {
        subject,
        about: [asked.workspaceId],
        data: { claims, actions: [action], scopes: [parentId(asked.workspaceId).replace(/\/providers\/[^/]+$/i, "")] },
        evidence: [refusal(action, denied?.scope ?? asked.workspaceId), tokenOf(claims)],
        ruledOut: [{ id: "cv-wrong-tenant", by: "Resource Manager took the token, and refused the action" }],
      });
    }
    if (trouble !== undefined) return say.skip("nobody signed in, so nobody was refused", here.name);
    if (refused.length === 0) return say.pass(undefined, { subject });
    return say.found("rbac-reader-missing", {
      subject,
      data: {
        claims,
        actions: [...new Set(refused.map(({ action }) => action))],
        scopes: outermost(refused.flatMap(({ scope }) => scope ?? [])),
      },
      evidence: [...refused.slice(0, 3).map(({ action, scope }) => refusal(action, scope ?? "/")), tokenOf(claims)],
      ruledOut: [{ id: "cv-identity-without-role", by: "the workspace itself was read" }],
    });
  },
});

function refusal(action: string, scope: string): Evidence {
  return armEvidence(scope, action, "403 AuthorizationFailed", "200");
}

function tokenOf(claims: TokenClaims): Evidence {
  return { kind: "machine", source: "token, claim oid", observed: claims.objectId ?? "unknown" };
}

function who({ kind, objectId, tenantId }: TokenClaims): string {
  return `${kind === "user" ? "User" : "Identity"} ${objectId ?? "in use"}${tenantId === undefined ? "" : ` of tenant ${tenantId}`}`;
}

function grants({ objectId, kind }: TokenClaims, scopes: readonly string[]): Command[] {
  return objectId === undefined
    ? [az("account", "show", "--query", "user")]
    : scopes
        .slice(0, mostShown)
        .map((scope) => grantRole(objectId, builtInRoles.reader, scope, kind === "user" ? "User" : "ServicePrincipal"));
}

function listed({ objectId }: TokenClaims): string {
  return objectId === undefined
    ? az("account", "show").text
    : az(
        "role",
        "assignment",
        "list",
        "--assignee",
        objectId,
        "--all",
        "--query",
        "[].{role:roleDefinitionName,scope:scope}",
      ).text;
}

/** The scopes that lie in none of the others. */
function outermost(scopes: readonly string[]): string[] {
  const unique = [...new Map(scopes.map((scope) => [scope.toLowerCase(), scope])).values()];
  return unique.filter(
    (scope) => !unique.some((other) => other !== scope && scope.toLowerCase().startsWith(`${other.toLowerCase()}/`)),
  );
}
