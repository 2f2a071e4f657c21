import type { Evidence } from "../../src/model/evidence.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { ownPath } from "../../src/facts/own-path.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token";
const metadata = "169.254.169.254";

interface Identity {
  /** The VM's ARM id, where this is one. */
  readonly vmId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly machine: string;
}

/**
 * Whether this machine has an identity to sign in with, and which one is meant. Without one nothing of the estate is seen:
 * these are warnings beside an inconclusive verdict, since a tool that cannot sign in proves nothing about the workspace.
 */
export default defineProbe({
  id: "client/identity",
  title: "This machine has an identity to sign in to Azure with",
  layer: "control-plane",
  docs: [docs],
  needs: { ownPath, vantage },
  advisory: true,
  reasons: {
    "cv-no-identity": reason<Identity>({
      severity: "warning",
      title: "There is nothing on this machine to sign in to Azure with",
      detail: ({ machine, clientId }) =>
        clientId === undefined
          ? `${machine} has no managed identity, no az login and no credentials in its environment.`
          : `The identity with client id ${clientId} is not to be had on ${machine}.`,
      fix: ({ vmId }) => ({
        summary:
          vmId === undefined
            ? "Sign in with az, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal"
            : "Sign in with az, or give the VM a managed identity and that identity Reader on the workspace's resource group",
        commands: [az("login"), ...(vmId === undefined ? [] : [az("vm", "identity", "assign", "--ids", vmId)])],
        verify: [az("account", "show", "--query", "user").text],
        docs,
      }),
      rivals: ["cv-several-identities", "cv-identity-endpoint-proxied"],
    }),
    "cv-several-identities": reason<Identity>({
      severity: "warning",
      title: "This machine has several managed identities and none was chosen",
      detail: ({ machine }) =>
        `The metadata service of ${machine} gives no token unless it is told which identity is meant.`,
      fix: ({ vmId }) => ({
        summary:
          "Name the identity by its client id: --credential managed-identity with --client-id, or AZURE_CLIENT_ID in the environment",
        commands: identitiesOf(vmId),
        verify: ["Run this diagnosis again with --client-id"],
        docs,
      }),
      rivals: ["cv-no-identity"],
    }),
    "cv-identity-endpoint-proxied": reason<{ sign: string }>({
      severity: "warning",
      title: "Requests for a managed identity's token go through a proxy",
      detail: ({ sign }) =>
        `${metadata} is this machine's own host and answers nobody else; a proxy took part: ${sign}.`,
      fix: () => ({
        summary: `Exempt ${metadata} from the proxy`,
        commands: [
          { shell: "sh", text: `export NO_PROXY="\${NO_PROXY:+$NO_PROXY,}${metadata}"` },
          {
            shell: "powershell",
            text: `[Environment]::SetEnvironmentVariable('NO_PROXY', (@($env:NO_PROXY, '${metadata}') -ne '' -join ','), 'User')`,
          },
        ],
        warning: "A transparent proxy asks for the same exemption on the device itself.",
        takesEffect: "For programs started afterwards",
        verify: [
          `curl -s --noproxy '*' -H Metadata:true 'http://${metadata}/metadata/instance?api-version=2021-02-01'`,
        ],
        docs,
      }),
      rivals: ["cv-no-identity"],
    }),
  },
  judge({ ownPath: { signIn, trouble }, vantage: here }, say) {
    const subject = here.name;
    const { failure, refusals, claims, clientId, authority } = signIn;
    if (trouble !== "no-token" || failure === undefined)
      return claims === undefined
        ? say.skip("no token was asked for", subject)
        : say.pass(undefined, {
            subject,
            evidence: [{ kind: "machine", source: `token by ${signIn.way}`, observed: describe(claims) }],
          });
    const said = refusals.filter(({ host }) => host !== new URL(authority).host);
    const evidence: Evidence[] = [
      ...said.slice(-2).map(({ host, status, error, description, proxied }): Evidence => ({
        kind: "http",
        source: `metadata service at ${host}`,
        observed: [`HTTP ${status}`, error, description, proxied].filter((part) => part !== undefined).join(": "),
        expected: "a token",
      })),
      { kind: "machine", source: `sign-in by ${signIn.way}`, observed: failure.message, expected: "a token" },
    ];
    const data: Identity = { machine: here.name, clientId, vmId: valueOf(here.instance)?.resourceId };
    const proxied = said.find((refusal) => refusal.proxied !== undefined);
    if (proxied?.proxied !== undefined)
      return say.found("cv-identity-endpoint-proxied", {
        subject,
        data: { sign: proxied.proxied },
        evidence,
        ruledOut: [{ id: "cv-no-identity", by: "the answer is not the metadata service's own" }],
      });
    if (said.some(({ description }) => /multiple user assigned identities/i.test(description ?? "")))
      return say.found("cv-several-identities", {
        subject,
        data,
        evidence,
        ruledOut: [{ id: "cv-no-identity", by: "the metadata service knows several" }],
      });
    if (said.some(({ description }) => /identity not found/i.test(description ?? "")))
      return say.found("cv-no-identity", {
        subject,
        data,
        evidence,
        ruledOut: [
          { id: "cv-several-identities", by: "the metadata service finds none that was asked for" },
          { id: "cv-identity-endpoint-proxied", by: "the answer is the metadata service's own" },
        ],
      });
    const variable = proxyVariable(here.proxyEnvironment);
    // az asks the metadata service by the environment's proxy; this tool never does.
    if (variable !== undefined && here.instance.is === "value" && /169\.254\.169\.254|ProxyError/.test(failure.message))
      return say.found("cv-identity-endpoint-proxied", {
        subject,
        data: { sign: variable },
        evidence: [{ kind: "machine", source: "proxy environment", observed: variable }, ...evidence],
        inferredFrom: `a proxy is set, and NO_PROXY does not except ${metadata}`,
      });
    // A machine that no metadata service answers is no Azure VM, or one whose way there is closed.
    const noService = signIn.way === "managed-identity" && failure.kind !== "refused" && here.instance.is !== "value";
    if (failure.kind !== "no-credential" && !noService)
      return say.skip("whether there is an identity is not what failed", subject);
    return say.found("cv-no-identity", { subject, data, evidence });
  },
});

function identitiesOf(vmId: string | undefined): Command[] {
  return vmId === undefined
    ? [az("identity", "list", "--query", "[].{name:name,clientId:clientId}", "--output", "table")]
    : [az("vm", "identity", "show", "--ids", vmId, "--query", "userAssignedIdentities")];
}

/** The proxy variable by which a request for the metadata service goes, unless NO_PROXY excepts it. */
function proxyVariable(environment: Readonly<Record<string, string>>): string | undefined {
  const exceptions = [environment["NO_PROXY"], environment["no_proxy"]].join(",");
  // az knows ranges too: 169.254.0.0/16.
  if (/169\.254\.(?:169\.254|[\d.]+\/\d)/.test(exceptions) || /(?:^|,)\s*\*\s*(?:,|$)/.test(exceptions))
    return undefined;
  const entry = Object.entries(environment).find(([name]) => /^(?:https?|all)_proxy$/i.test(name));
  return entry === undefined ? undefined : `${entry[0]}=${entry[1]}`;
}

function describe({ kind, objectId, appId, tenantId }: Record<string, string | number | undefined>): string {
  const who = kind === "user" ? "user" : "identity";
  return `${who} ${objectId ?? "?"}${appId === undefined ? "" : ` (client id ${appId})`} of tenant ${tenantId ?? "?"}`;
}
