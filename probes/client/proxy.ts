import { reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import type { ProxyReach } from "../../src/model/ports.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { shortList } from "../../src/model/text.ts";
import { answersProperly, paths, type Path } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet";

/**
 * A forward proxy resolves names itself, so it leaves the private network behind unless it stands inside. The same
 * request is made through it and directly: only when the direct way works and the proxy's does not is the proxy at fault.
 */
export default defineProbe({
  id: "client/proxy",
  title: "No proxy takes the workspace's traffic out of the private network",
  layer: "transport",
  docs: [docs],
  needs: { paths, vantage },
  consequence: "Whether the configured proxy carries the workspace's traffic",
  reasons: {
    "cv-proxy-in-path": reason<{ proxy: string; hosts: string[]; noProxy: string; outcome: string }>({
      severity: "error",
      title: "The environment sends the workspace's traffic through a proxy that does not reach it",
      detail: ({ proxy, hosts, outcome }) =>
        `Through ${proxy}, ${shortList(hosts)} ends in ${outcome}; directly it works.`,
      fix: ({ noProxy }) => ({
        summary: "Exempt the workspace's names from the proxy",
        commands: [
          { shell: "sh", text: `export NO_PROXY="\${NO_PROXY:+$NO_PROXY,}${noProxy}"` },
          {
            shell: "powershell",
            text: `[Environment]::SetEnvironmentVariable('NO_PROXY', (@($env:NO_PROXY, '${noProxy}') -ne '' -join ','), 'User')`,
          },
        ],
        warning:
          "Programs that are running keep their old environment. Where a PAC file decides, the same names go direct there.",
        takesEffect: "For programs started afterwards",
        verify: ["Run this diagnosis again in a new shell"],
        docs,
      }),
      rivals: ["ws-pna-disabled-client-public", "dns-custom-no-forwarder"],
    }),
  },
  judge({ paths: all, vantage: here }, say) {
    const proxied = all.flatMap((path) => (path.proxy === undefined ? [] : [{ path, proxy: path.proxy }]));
    if (proxied.length === 0) return say.skip("no proxy is configured for the workspace's names", here.name);
    const wanted = proxied.filter(({ path }) => path.needsPrivate);
    const failing = wanted.filter(({ path, proxy }) => !works(proxy) && !isSameRefusal(path, proxy));
    const broken = failing.filter(({ path }) => directWorks(path));
    const undecided = failing.filter(({ path }) => !directWorks(path));
    const verdicts: Verdict[] = [];
    for (const [proxy, group] of Map.groupBy(broken, ({ proxy: { proxy } }) => proxy)) {
      const first = group[0];
      if (first === undefined) continue;
      const hosts = group.map(({ path }) => path.name.fqdn);
      const direct = first.path.reaches.find((reach) => answersProperly(reach));
      verdicts.push(
        say.found("cv-proxy-in-path", {
          subject: proxy,
          about: [here.name, ...hosts],
          data: { proxy, hosts, noProxy: hosts.join(","), outcome: describe(first.proxy) },
          evidence: [
            ...Object.entries(here.proxyEnvironment).map(([name, value]): Evidence => ({
              kind: "machine",
              source: `environment ${name}`,
              observed: value,
            })),
            {
              kind: "proxy",
              source: `CONNECT ${first.proxy.host}:${first.proxy.port} through ${proxy}`,
              observed: describe(first.proxy),
              expected: "the service's own answer",
            },
            ...(direct ? [reachEvidence(direct)] : []),
          ],
          ruledOut: [
            { id: "ws-pna-disabled-client-public", by: "directly, without the proxy, the private address answers" },
            { id: "dns-custom-no-forwarder", by: "the proxy resolves names itself" },
          ],
        }),
      );
    }
    if (verdicts.length > 0) return verdicts;
    return undecided.length > 0
      ? say.skip("neither the proxy nor the direct way reaches the services, so the proxy cannot be blamed", here.name)
      : say.pass("The configured proxy reaches the services", { subject: here.name });
  },
});

/** Whether the service itself answered through the proxy, and not with its refusal of public callers. */
function works({ outcome, reach }: ProxyReach): boolean {
  const status = reach?.http?.status;
  return (
    outcome === "tunnel" &&
    (reach?.tls?.faults ?? []).length === 0 &&
    status !== undefined &&
    status !== 403 &&
    status !== 407 &&
    status < 500
  );
}

/** The error code of a refusal, as storage (XML) and the other services (JSON) spell it. */
function codeOf(body: string): string | undefined {
  return /(?:<Code>|"code"\s*:\s*")([A-Za-z0-9_.-]+)/.exec(body)?.[1];
}

/** Whether a refusal through the proxy is what the private endpoint itself says to one who is not signed in: some services
 * answer 403 to that, and with the same code. */
function isSameRefusal(path: Path, { outcome, reach }: ProxyReach): boolean {
  const http = reach?.http;
  if (outcome !== "tunnel" || http?.status !== 403 || (reach?.tls?.faults ?? []).length > 0) return false;
  return path.reaches.some(
    ({ address, http: own }) =>
      path.name.expected.some((one) => one.address === address) &&
      own?.status === 403 &&
      codeOf(own.body) === codeOf(http.body),
  );
}

function directWorks(path: Path): boolean {
  return path.reaches.some(
    (reach) => path.name.expected.some(({ address }) => address === reach.address) && answersProperly(reach),
  );
}

function describe({ outcome, status, reach, code }: ProxyReach): string {
  if (outcome !== "tunnel")
    return `${outcome}${status === undefined ? "" : ` (HTTP ${status} from the proxy)`}${code === undefined ? "" : ` ${code}`}`;
  const faults = reach?.tls?.faults ?? [];
  if (faults.length > 0) return `a certificate that is ${faults.join(", ")}`;
  return reach?.http?.status === undefined
    ? (reach?.http?.outcome ?? reach?.tls?.outcome ?? "no answer")
    : `HTTP ${reach.http.status} from the service`;
}
