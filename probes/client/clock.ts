import type { Evidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { ownPath, type OwnPath } from "../../src/facts/own-path.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/virtual-machines/linux/time-sync";

/** What Entra ID and Kerberos allow: five minutes. A `Date` header has whole seconds. */
const allowedMs = 5 * 60_000;

/**
 * Whether this machine's clock agrees with the `Date` of Azure's own answers. A clock that is far off makes good
 * certificates look expired, and good tokens too. It is an error where a look-up failed in just such a way: the fault is
 * this machine's own and measured. Where Azure answers all the same, it is a warning.
 */
export default defineProbe({
  id: "client/clock",
  title: "This machine's clock agrees with Azure's",
  layer: "control-plane",
  docs: [docs],
  needs: { ownPath, vantage },
  advisory: true,
  reasons: {
    "cv-clock-skew": reason<{ machine: string; off: string; host: string }>({
      severity: "error",
      title: "This machine's clock is wrong",
      detail: ({ machine, off, host }) => `The clock of ${machine} is ${off} of ${host}'s, allowed are 5 minutes.`,
      fix: () => ({
        summary: "Set the clock by a time server, and keep it so",
        commands: [
          { shell: "sh", text: "sudo timedatectl set-ntp true && sudo chronyc makestep" },
          { shell: "powershell", text: "w32tm /resync /force" },
        ],
        takesEffect: "At once; sign in again, since stored tokens are of the other time",
        verify: ["timedatectl", az("account", "get-access-token", "--query", "expiresOn").text],
        docs,
      }),
      rivals: ["cv-tls-inspection", "cv-sign-in-refused"],
    }),
  },
  judge({ ownPath: path, vantage: here }, say) {
    const { clock } = path.signIn;
    if (clock === undefined) return say.skip("no answer of Azure told the time", here.name);
    const evidence: Evidence[] = [
      {
        kind: "http",
        source: `Date of an answer of ${clock.host}`,
        observed: `${clock.service}, here ${new Date(Date.parse(clock.service) + clock.aheadMs).toISOString()}`,
        expected: "the same within 5 minutes",
      },
    ];
    if (Math.abs(clock.aheadMs) <= allowedMs) return say.pass(undefined, { subject: here.name, evidence });
    const because = consequence(path);
    return say.found("cv-clock-skew", {
      subject: here.name,
      data: { machine: here.name, off: distance(clock.aheadMs), host: clock.host },
      evidence: [...evidence, ...(because === undefined ? [] : [because])],
      ...(because === undefined ? { as: "warning" as const } : {}),
      ruledOut: [{ id: "cv-sign-in-refused", by: "the two clocks were compared directly" }],
    });
  },
});

function distance(aheadMs: number): string {
  const minutes = Math.round(Math.abs(aheadMs) / 60_000);
  return `${minutes} minutes ${aheadMs > 0 ? "ahead" : "behind"}`;
}

/** What failed in a way that a wrong clock alone explains. */
function consequence({ trouble, signIn, hosts }: OwnPath): Evidence | undefined {
  if (trouble === undefined || trouble === "denied") return undefined;
  const { failure, challenge } = signIn;
  if (trouble === "no-token" && failure?.code === "AADSTS700024")
    return { kind: "http", source: `sign-in at ${signIn.authority}`, observed: failure.message, expected: "a token" };
  if (trouble === "token-refused" && /expired|notyetvalid/i.test(challenge?.code ?? ""))
    return {
      kind: "http",
      source: `GET ${signIn.resourceManager}`,
      observed: `HTTP 401: ${challenge?.code ?? ""}`,
      expected: "the workspace",
    };
  for (const { name, reaches, proxy } of hosts)
    for (const tls of [...reaches.map((reach) => reach.tls), proxy?.reach?.tls]) {
      const leaf = tls?.chain[0];
      const { faults = [] } = tls ?? {};
      // A certificate that is somebody else's as well stays wrong by any clock.
      const isDated = faults.length > 0 && faults.every((fault) => fault === "expired" || fault === "not-yet-valid");
      if (leaf !== undefined && isDated)
        return {
          kind: "tls",
          source: `TLS with ${name}`,
          observed: `${faults.join(", ")} by this machine's clock; valid ${leaf.notBefore} to ${leaf.notAfter}`,
          expected: "a certificate that is valid now",
        };
    }
  return undefined;
}
