import type { Evidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { ownPath } from "../../src/facts/own-path.ts";
import { target } from "../../src/facts/target.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes";

/** Codes that say that the directory does not know the tenant, the application or the account.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const foreign = new Set(["AADSTS90002", "AADSTS900023", "AADSTS700016", "AADSTS50020", "AADSTS50034", "AADSTS90072"]);

/** What else a directory refuses a sign-in for, and what follows. */
const meanings: Readonly<Record<string, readonly [why: string, what: string]>> = {
  AADSTS7000215: ["the client secret is not the right one", "Give the application a secret that is good, and use it"],
  AADSTS7000222: ["the client secret has expired", "Give the application a new secret, and use it"],
  AADSTS700027: ["the client certificate is not known", "Upload the certificate to the application, or use another"],
  AADSTS53000: ["conditional access wants a compliant device", "Sign in from a device that the policy accepts"],
  AADSTS53001: ["conditional access wants a joined device", "Sign in from a device that the policy accepts"],
  AADSTS53003: ["a conditional access policy blocks it here", "Let the policy's named locations include this network"],
  AADSTS50076: ["a second factor is wanted", "Sign in again, in person"],
  AADSTS50079: ["a second factor has to be set up", "Sign in again, in person"],
  AADSTS50173: ["the stored sign-in was revoked", "Sign in again"],
  AADSTS70043: ["the stored sign-in has expired", "Sign in again"],
  AADSTS700082: ["the stored sign-in has expired", "Sign in again"],
  AADSTS900382: ["the tenant is in another cloud", "Use the cloud of the tenant, with --cloud"],
};

interface Tenants {
  readonly used?: string | undefined;
  readonly right?: string | undefined;
  readonly subscriptionId: string;
}

/**
 * Whether Entra ID signs the identity in, and Resource Manager takes its token. Both refusals leave the estate unseen:
 * warnings beside an inconclusive verdict. Which tenant a subscription trusts is Resource Manager's word, in its challenge.
 */
export default defineProbe({
  id: "client/sign-in",
  title: "Entra ID and Azure Resource Manager accept the sign-in",
  layer: "control-plane",
  docs: [docs],
  needs: { ownPath, target, vantage },
  advisory: true,
  reasons: {
    "cv-wrong-tenant": reason<Tenants>({
      severity: "warning",
      title: "The sign-in is in another tenant than the subscription's",
      detail: ({ used, right, subscriptionId }) =>
        right === undefined
          ? `Tenant ${used ?? "in use"} does not know this identity.`
          : `The token is of tenant ${used ?? "unknown"}; subscription ${subscriptionId} trusts tenant ${right}.`,
      fix: ({ right, subscriptionId }) => ({
        summary: "Sign in to the tenant of the subscription, and for a service principal set AZURE_TENANT_ID to it",
        commands:
          right === undefined
            ? [az("account", "list", "--all", "--query", `[?id=='${subscriptionId}'].tenantId`)]
            : [az("login", "--tenant", right)],
        warning:
          "An identity exists in its own tenant only: a managed identity of another tenant's machine cannot read this subscription.",
        verify: [az("account", "show", "--subscription", subscriptionId, "--query", "tenantId").text],
        docs: "https://learn.microsoft.com/cli/azure/manage-azure-subscriptions-azure-cli",
      }),
      rivals: ["cv-cloud-mismatch", "cv-sign-in-refused"],
    }),
    "cv-sign-in-refused": reason<{ why: string; what: string; clientId?: string | undefined }>({
      severity: "warning",
      title: "The sign-in is refused",
      detail: ({ why }) => why,
      fix: ({ what, clientId }) => ({
        summary: what,
        commands: signInCommands(what, clientId),
        verify: [az("account", "get-access-token", "--query", "expiresOn").text],
        docs,
      }),
      rivals: ["cv-wrong-tenant", "cv-clock-skew"],
    }),
  },
  judge({ ownPath: { signIn, trouble }, target: { subscriptionId }, vantage: here }, say) {
    const subject = here.name;
    const { claims, failure, challenge, tenantId, clientId } = signIn;
    if (trouble === "token-refused") {
      const seen: Evidence[] = [
        {
          kind: "http",
          source: `GET ${signIn.resourceManager}`,
          observed: ["HTTP 401", challenge?.code, challenge?.message].filter((part) => part !== undefined).join(": "),
          expected: "the workspace",
        },
        { kind: "machine", source: "token, claim tid", observed: claims?.tenantId ?? "unknown" },
      ];
      const right = challenge?.tenantId;
      if (
        right !== undefined &&
        claims?.tenantId !== undefined &&
        !sameText(right, claims.tenantId) &&
        challenge?.code === "InvalidAuthenticationTokenTenant"
      )
        return say.found("cv-wrong-tenant", {
          subject,
          data: { used: claims.tenantId, right, subscriptionId },
          evidence: seen,
          ruledOut: [{ id: "cv-cloud-mismatch", by: "Resource Manager knows the subscription and names its tenant" }],
        });
      return say.found("cv-sign-in-refused", {
        subject,
        data: {
          why: `Resource Manager does not accept the token: ${challenge?.code ?? "HTTP 401"}.`,
          what: "Sign in again",
        },
        evidence: seen,
        ...(challenge?.code === "InvalidAuthenticationTokenTenant"
          ? {}
          : { ruledOut: [{ id: "cv-wrong-tenant", by: "Resource Manager does not complain of the tenant" }] }),
      });
    }
    if (trouble === "no-token" && failure?.kind === "refused") {
      const code = failure.code ?? "";
      const evidence: Evidence[] = [
        { kind: "http", source: `sign-in at ${signIn.authority}`, observed: failure.message, expected: "a token" },
        ...(tenantId === undefined ? [] : [{ kind: "machine" as const, source: "tenant in use", observed: tenantId }]),
      ];
      if (foreign.has(code))
        return say.found("cv-wrong-tenant", {
          subject,
          data: { used: tenantId, subscriptionId },
          evidence,
          inferredFrom: `${code}: the directory that was asked does not know the tenant, the application or the account`,
        });
      const [why, what] = meanings[code] ?? [
        "the directory says no",
        "Sign in again, or in another way (--credential)",
      ];
      return say.found("cv-sign-in-refused", {
        subject,
        data: { why: `${code === "" ? "" : `${code}: `}${why}.`, what, clientId },
        evidence,
        ruledOut: [{ id: "cv-wrong-tenant", by: "the directory does not complain of the tenant" }],
      });
    }
    if (claims === undefined) return say.skip("no token was had", subject);
    return trouble === "unanswered"
      ? say.skip("Resource Manager did not answer about the token", subject)
      : say.pass(undefined, { subject });
  },
});

function signInCommands(what: string, clientId: string | undefined): Command[] {
  return /secret|certificate/.test(what) && clientId !== undefined
    ? [az("ad", "app", "credential", "list", "--id", clientId, "--query", "[].{keyId:keyId,end:endDateTime}")]
    : [az("login")];
}
