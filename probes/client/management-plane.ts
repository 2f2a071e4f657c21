import { reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import type { ProxyReach, Reach } from "../../src/model/ports.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { ownPath, type ManagementHost, type OwnPath } from "../../src/facts/own-path.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall";

const services = {
  "resource-manager": { title: "Azure Resource Manager", tag: "AzureResourceManager" },
  authority: { title: "the sign-in service, Entra ID", tag: "AzureActiveDirectory" },
} as const;

const silent = "connections are let through; what is said over them is judged elsewhere";

interface Blocked {
  readonly host: string;
  /** What it is called, and the service tag of its addresses. */
  readonly service: string;
  readonly tag: string;
  readonly outcome: string;
  readonly name: string;
  readonly port: number;
  /** This machine's ARM id, where it is an Azure VM. */
  readonly vmId?: string | undefined;
}

/**
 * Whether this machine reaches Resource Manager and the sign-in service, which stay public in a private set-up and carry
 * every management call and key. Dialled only after a look-up failed. A connection that is not let through, at the name's
 * own address and without a proxy, is a measured fault of this machine's network: an error. What a proxy refuses or a
 * resolver does not know leaves open who is at fault: warnings, and the verdict stays inconclusive.
 */
export default defineProbe({
  id: "client/management-plane",
  title: "This machine reaches Azure Resource Manager and the sign-in service",
  layer: "control-plane",
  docs: [docs],
  needs: { ownPath, vantage },
  advisory: true,
  reasons: {
    "ws-control-plane-public-arm": reason<Blocked>({
      severity: "error",
      title: "This machine's network does not let it reach Azure's public management plane",
      detail: ({ host, service, outcome }) =>
        `${host} (${service}): ${outcome}. Private endpoints of the workspace never carry these calls.`,
      fix: ({ host, name, port, tag, vmId }) => ({
        summary: `Allow outbound TCP 443 from this machine to ${host} (service tag ${tag})`,
        commands: [
          { shell: "sh", text: `curl -sv -m 10 https://${host}/ -o /dev/null` },
          ...(vmId === undefined
            ? []
            : [
                az(
                  ...["network", "watcher", "test-connectivity", "--source-resource", vmId],
                  ...["--dest-address", name, "--dest-port", String(port)],
                ),
              ]),
        ],
        warning:
          "az itself needs the same way: run its command elsewhere, it names the rule or route that stops the connection. The rule is in the machine's security groups or in the firewall on its route; the private endpoints stay as they are.",
        takesEffect: "At once for new connections",
        verify: [az("account", "get-access-token", "--query", "expiresOn").text],
        docs,
      }),
      causedBy: [{ reason: "nsg-jumpbox-outbound-blocked", scope: "anywhere" }],
      rivals: ["cv-tls-inspection", "cv-control-plane-proxy-refuses", "cv-control-plane-name-unresolved"],
    }),
    "cv-control-plane-proxy-refuses": reason<{ host: string; proxy: string; outcome: string }>({
      severity: "warning",
      title: "The proxy does not let this machine through to Azure's management plane",
      detail: ({ host, proxy, outcome }) => `CONNECT ${host} through ${proxy}: ${outcome}.`,
      fix: ({ host, proxy }) => ({
        summary: `Let the proxy connect to ${host}, or correct HTTPS_PROXY; where the machine may go directly, except the host in NO_PROXY`,
        commands: [{ shell: "sh", text: `curl -sv -m 10 -x ${proxy} https://${host}/ -o /dev/null` }],
        verify: [az("account", "get-access-token", "--query", "expiresOn").text],
        docs: "https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-troubleshooting#work-behind-a-proxy",
      }),
      rivals: ["ws-control-plane-public-arm"],
    }),
    "cv-control-plane-name-unresolved": reason<{ host: string; name: string; error: string }>({
      severity: "warning",
      title: "This machine's DNS does not resolve the names of Azure's management plane",
      detail: ({ name, error }) => `${name}: ${error}, expected public addresses.`,
      fix: ({ name }) => ({
        summary: `Let the machine's DNS servers resolve public names, ${name} among them: a forwarder to the internet or to Azure's 168.63.129.16`,
        commands: [{ shell: "sh", text: `nslookup ${name}` }],
        verify: [`nslookup ${name}`],
        docs: "https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances",
      }),
      rivals: ["ws-control-plane-public-arm"],
    }),
  },
  judge({ ownPath: path, vantage: here }, say) {
    const { trouble, hosts } = path;
    if (trouble === undefined || trouble === "denied" || trouble === "token-refused")
      return say.pass("Azure Resource Manager answers this machine", { subject: here.name });
    const vmId = valueOf(here.instance)?.resourceId;
    return hosts.flatMap((host): Verdict[] => {
      const subject = `${host.name}:${host.port}`;
      const { proxy } = host;
      if (!isNeeded(host, path)) return [];
      if (host.answered || spoke(host, path)) return [say.pass(`${subject} answers this machine`, { subject })];
      if (proxy !== undefined)
        return proxy.outcome === "tunnel"
          ? [say.skip(silent, subject)]
          : [
              say.found("cv-control-plane-proxy-refuses", {
                subject,
                about: [here.name, proxy.proxy],
                data: { host: subject, proxy: proxy.proxy, outcome: outcomeOf(proxy) },
                evidence: [
                  {
                    kind: "proxy",
                    source: `CONNECT ${subject} through ${proxy.proxy}`,
                    observed: outcomeOf(proxy),
                    expected: "tunnel",
                  },
                ],
                ruledOut: [{ id: "ws-control-plane-public-arm", by: "the proxy is what was dialled, not the service" }],
              }),
            ];
      if (host.addresses.length === 0)
        return [
          say.found("cv-control-plane-name-unresolved", {
            subject: host.name,
            about: [here.name],
            data: { host: subject, name: host.name, error: host.error ?? "no address" },
            evidence: [
              {
                kind: "machine",
                source: `look-up of ${host.name} by the system`,
                observed: host.error ?? "no address",
                expected: "an address",
              },
            ],
            ruledOut: [{ id: "ws-control-plane-public-arm", by: "no address was there to connect to" }],
          }),
        ];
      const shut = host.reaches.filter(isShut);
      if (shut.length < host.reaches.length || shut.length === 0) return [say.skip(silent, subject)];
      return [
        say.found("ws-control-plane-public-arm", {
          subject,
          about: [here.name, ...host.addresses.map((address) => `${address}:${host.port}`)],
          data: {
            host: subject,
            name: host.name,
            port: host.port,
            service: services[host.role].title,
            tag: services[host.role].tag,
            outcome: shut.map(howShut).join(", "),
            vmId,
          },
          evidence: shut.map((reach): Evidence => reachEvidence(reach, "an answer of the service")),
          ruledOut: [
            { id: "cv-tls-inspection", by: "no certificate was presented" },
            { id: "cv-control-plane-proxy-refuses", by: "no proxy is set for this host" },
            { id: "cv-control-plane-name-unresolved", by: `the name resolves to ${host.addresses.join(", ")}` },
          ],
          ...(isDoubtful(host, shut, path) ? { as: "warning" as const } : {}),
        }),
      ];
    });
  },
});

/** Nobody is known to have asked the sign-in service when there was nobody to sign in; and an open connection that then is
 * silent may be slow. */
function isDoubtful({ role }: ManagementHost, shut: readonly Reach[], { signIn }: OwnPath): boolean {
  return (
    (role === "authority" && signIn.failure?.kind === "no-credential") ||
    shut.some(({ tls }) => tls?.outcome === "timeout")
  );
}

/** A refusal with a code of Entra ID's is its answer, whichever way az took to it. */
function spoke({ role }: ManagementHost, { signIn: { failure } }: OwnPath): boolean {
  return role === "authority" && failure?.kind === "refused" && /^AADSTS\d+$/.test(failure.code ?? "");
}

/** A managed identity's token comes from the metadata service, and a token that was had needs no sign-in. */
function isNeeded({ role }: ManagementHost, { signIn }: OwnPath): boolean {
  return role === "resource-manager" || (signIn.claims === undefined && signIn.way !== "managed-identity");
}

/** No connection, or one that ends at the name that TLS asks for, as a firewall's application rules end it. */
function isShut({ tcp, tls }: Reach): boolean {
  return tcp.outcome !== "open" || (tls !== undefined && tls.outcome !== "established" && tls.outcome !== "failed");
}

function howShut({ address, tcp, tls }: Reach): string {
  return tcp.outcome === "open"
    ? `TLS with ${address} ends in ${tls?.outcome ?? "nothing"}`
    : `${address} ${tcp.outcome}`;
}

function outcomeOf({ outcome, status, code }: ProxyReach): string {
  return `${outcome}${status === undefined ? "" : ` (HTTP ${status})`}${code === undefined ? "" : ` ${code}`}`;
}
