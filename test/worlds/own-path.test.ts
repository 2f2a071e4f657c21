import { describe, expect, it } from "vitest";
import type { LabOptions } from "../../src/lab/lab.ts";
import { formatNames, writeOutputs } from "../../src/cli/output.ts";
import type { Surroundings } from "../../src/cli/surroundings.ts";
import type { Report } from "../../src/model/report.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline } from "./edit.ts";

/** What keeps the tool itself from Azure, over real sockets. The estate is healthy: nothing may be said of it. */
interface Story {
  readonly story: string;
  readonly lab?: LabOptions;
  readonly through?: (around: Surroundings) => Surroundings;
  readonly denied?: readonly string[];
  readonly verdict: Report["verdict"];
  readonly roots?: readonly string[];
  readonly warns?: readonly string[];
  /** Texts that the remedies must hold. */
  readonly fix?: RegExp;
}

/** Every id that tells of the tool's own path. */
const own =
  /^(?:cv-(?:no-identity|several-identities|identity-|wrong-tenant|sign-in|clock|control-plane|tls|cloud)|ws-control-plane|rbac-(?:reader|diagnose))/;

const otherTenant = "00000000-0000-4000-8000-00000000cccc";
const minutes = 60_000;
const workspaceRead = "Microsoft.MachineLearningServices/workspaces/read";

const stories: readonly Story[] = [
  { story: "all is well", verdict: "healthy" },
  {
    story: "the secret is not the right one",
    lab: { refuseSecret: true },
    verdict: "inconclusive",
    warns: ["cv-sign-in-refused"],
    fix: /az ad app credential list --id/,
  },
  {
    story: "conditional access keeps this network out",
    lab: { refuseSecret: "AADSTS53003: Access has been blocked by Conditional Access policies." },
    verdict: "inconclusive",
    warns: ["cv-sign-in-refused"],
  },
  {
    story: "the sign-in is of a tenant that the subscription does not trust",
    lab: { tokenTenant: otherTenant },
    verdict: "inconclusive",
    warns: ["cv-wrong-tenant"],
    fix: /az login --tenant 00000000/,
  },
  {
    story: "the tenant in the environment does not exist",
    through: (around) => ({ ...around, signIn: { ...around.signIn, tenantId: otherTenant } }),
    verdict: "inconclusive",
    warns: ["cv-wrong-tenant"],
  },
  {
    story: "a device replaces the certificates of Resource Manager",
    lab: { controlPlaneIssuer: "corporate-ca" },
    verdict: "unhealthy",
    roots: ["cv-tls-inspection"],
  },
  {
    story: "the device's authority is trusted here",
    lab: { controlPlaneIssuer: "corporate-ca" },
    through: trustCorporate,
    verdict: "healthy",
  },
  {
    story: "the clock is 20 minutes slow and Azure answers all the same",
    lab: { clockAheadMs: 20 * minutes },
    verdict: "healthy",
    warns: ["cv-clock-skew"],
  },
  {
    story: "the clock is 20 minutes slow and the sign-in fails by it",
    lab: {
      clockAheadMs: 20 * minutes,
      refuseSecret: "AADSTS700024: Client assertion is not within its valid time range.",
    },
    verdict: "unhealthy",
    roots: ["cv-clock-skew"],
    warns: ["cv-sign-in-refused"],
    fix: /timedatectl/,
  },
  {
    story: "the clock is 2 minutes fast and the secret is not the right one",
    lab: { clockAheadMs: -2 * minutes, refuseSecret: true },
    verdict: "inconclusive",
    warns: ["cv-sign-in-refused"],
  },
  {
    story: "nobody lets this machine connect to Resource Manager",
    through: (around) => ({ ...around, resourceManager: "https://localhost:9" }),
    verdict: "unhealthy",
    roots: ["ws-control-plane-public-arm"],
    fix: /curl -sv -m 10 https:\/\/localhost:9/,
  },
  {
    story: "the name of Resource Manager is not resolved",
    through: (around) => ({ ...around, resourceManager: "https://management.invalid" }),
    verdict: "inconclusive",
    warns: ["cv-control-plane-name-unresolved"],
  },
  {
    story: "the identity has no role on the workspace",
    denied: [workspaceRead],
    verdict: "inconclusive",
    warns: ["cv-identity-without-role"],
    fix: /az role assignment create --assignee-object-id [0-9a-f-]{36} .*--role Reader --scope \/subscriptions\/[0-9a-f-]+\/resourceGroups\/rg-ml"/,
  },
  {
    story: "the identity may not read the key vault",
    denied: ["Microsoft.KeyVault/vaults/read"],
    verdict: "inconclusive",
    warns: ["rbac-reader-missing"],
    fix: /--role Reader --scope \/subscriptions\/[^"]*\/vaults\/kvmlprod/,
  },
];

let corporate = "";

function trustCorporate(around: Surroundings): Surroundings {
  return { ...around, authorities: [...around.authorities, corporate] };
}

async function inEveryFormat(report: Report): Promise<(readonly [string, string])[]> {
  const view = { color: false, ascii: true, columns: 200, verbose: false, explain: false };
  return Promise.all(
    formatNames.map(async (format) => {
      let text = "";
      const write = (part: string) => void (text += part);
      await writeOutputs(report, [{ format }], { view, failOnWarning: false }, { write, tell: write });
      return [format, text] as const;
    }),
  );
}

describe("the tool's own path", () => {
  it.each(stories)("$story", { timeout: 30_000 }, async ({ lab, through, denied = [], ...wanted }) => {
    const world = baseline("managed-network");
    const { subscriptionId } = world.target;
    world.arm.denied.push(...denied.map((action) => ({ action, scope: `/subscriptions/${subscriptionId}` })));
    const report = await diagnoseWorld(world, {
      waits: { armMs: 5000, dnsMs: 500, connectMs: 1500, kubernetesMs: 3000 },
      ...(lab === undefined ? {} : { lab }),
      through: (around) => {
        corporate = "lab" in around ? (around as { lab: { corporateAuthority: string } }).lab.corporateAuthority : "";
        return through?.(around) ?? around;
      },
    });
    const said = summary(report);
    expect(report.verdict, said).toBe(wanted.verdict);
    expect(report.rootCauses.map(({ id }) => id)).toEqual(wanted.roots ?? []);
    const warned = report.findings.filter(({ status, id }) => status === "warn" && own.test(id));
    expect([...new Set(warned.map(({ id }) => id))].sort()).toEqual([...(wanted.warns ?? [])].sort());
    const remedies = JSON.stringify([...report.rootCauses, ...warned].map(({ remediation }) => remediation));
    if (wanted.fix !== undefined) expect(remedies).toMatch(wanted.fix);
    const texts = await inEveryFormat(report);
    // Every format names what it found, and none holds the token.
    // A monitor's one line has no room for warnings, unless they are all the clue that there is.
    const line = report.verdict === "inconclusive" ? [] : (wanted.warns ?? []);
    for (const id of [...(wanted.roots ?? []), ...(wanted.warns ?? [])])
      expect(
        texts
          .filter(([format, text]) => !text.includes(id) && !(format === "plugin" && line.includes(id)))
          .map(([format]) => format),
        `formats without ${id}`,
      ).toEqual([]);
    expect(texts.filter(([, text]) => /eyJ[\w-]{8,}\./.test(text)).map(([format]) => format)).toEqual([]);
  });
});
