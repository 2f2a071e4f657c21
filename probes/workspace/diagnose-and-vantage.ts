import { armEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { answersProperly, expectedAddresses, leadsIn, paths, type Path } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";
import { askDiagnosis, workspaceDiagnose } from "../../src/facts/workspace-diagnose.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-secure-connection-workspace";

/** Says how the network is made, not that something fails in it: names that resolve do not contradict it. */
const settings = new Set(["customdnsinuse"]);

/** Categories of the service's diagnosis that speak of a resource which this machine dials too. */
const dialled: Readonly<Record<string, readonly Path["name"]["service"][]>> = {
  storageAccountResults: ["blob", "file", "queue", "table", "dfs"],
  keyVaultResults: ["key-vault"],
  containerRegistryResults: ["registry"],
};

interface Both {
  readonly workspaceId: string;
  readonly service: string;
  readonly here: string;
  readonly fqdn: string;
}

/**
 * The service's diagnosis beside what this machine sees, where the two differ. Both are true of their own place: the
 * service's silence does not make a name resolve here, and an answer here does not let the service in. So it is never a
 * cause, and says only on which side to look.
 */
export default defineProbe({
  id: "workspace/diagnose-and-vantage",
  title: "The service's own diagnosis and this machine see the same",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, results: raw(workspaceDiagnose), paths, vantage },
  consequence: "Whether the service sees what this machine sees",
  advisory: true,
  reasons: {
    "cv-diagnose-from-service-vs-vantage": reason<Both>({
      severity: "warning",
      title: "The service's own diagnosis and this machine see different things",
      detail: ({ service, here }) => `The service: ${service}. From here: ${here}.`,
      fix: ({ workspaceId, fqdn }) => ({
        summary: "Look on the side that fails: the network of this machine, or the way of the service to the resource",
        commands: [askDiagnosis(workspaceId), { shell: "sh", text: `nslookup ${fqdn}` }],
        warning: "The service looks from its own place: neither answer makes the other one wrong.",
        verify: [askDiagnosis(workspaceId).text],
        docs,
      }),
      rivals: ["ws-diagnose-findings"],
    }),
  },
  judge({ workspace: { id }, results, paths: all, vantage: here }, say) {
    // Why it gave none is told by the probe of the diagnosis itself.
    if (results.is !== "value") return say.skip("the service gave no diagnosis of its own", id);
    const remarks = results.value.filter(
      ({ code, level }) => !sameText(level, "Information") && !settings.has(code.toLowerCase()),
    );
    const differs = (what: Omit<Both, "workspaceId">, evidence: readonly Evidence[], category: string): Verdict =>
      say.found("cv-diagnose-from-service-vs-vantage", {
        subject: what.fqdn,
        about: [id, here.name],
        data: { workspaceId: id, ...what },
        evidence: [armEvidence(id, `diagnose ${category}`, what.service), ...evidence],
      });
    const about = (category: string) => remarks.filter((remark) => remark.category === category);
    const wanted = all.filter(({ needsPrivate }) => needsPrivate);
    const astray = wanted.filter(
      (path) => path.here !== "no-answer" && !leadsIn(path, path.here, path.system.addresses),
    );
    const ofNames = about("dnsResolutionResults");
    const [first] = astray;
    const verdicts: Verdict[] = [];
    if (ofNames.length === 0 && first !== undefined)
      verdicts.push(
        differs(
          {
            service: "names no failure of DNS",
            here: `${shortList(astray.map(({ name }) => name.fqdn))} resolved otherwise than expected: ${said(first)} in the place of ${expectedAddresses(first).join(", ")}`,
            fqdn: first.name.fqdn,
          },
          astray.slice(0, 2).map(lookedUp),
          "dnsResolutionResults",
        ),
      );
    const [sound] = wanted;
    if (
      ofNames.length > 0 &&
      sound !== undefined &&
      wanted.every((path) => leadsIn(path, path.here, path.system.addresses))
    )
      verdicts.push(
        differs(
          { service: quoted(ofNames), here: "every name resolves as it should", fqdn: sound.name.fqdn },
          [lookedUp(sound)],
          "dnsResolutionResults",
        ),
      );
    for (const [category, services] of Object.entries(dialled)) {
      const complaints = about(category);
      const own = all.filter(({ name, reaches }) => services.includes(name.service) && reaches.length > 0);
      const answer = own[0]?.reaches.find(answersProperly);
      if (complaints.length === 0 || own[0] === undefined || answer === undefined) continue;
      if (!own.every(({ reaches }) => reaches.some(answersProperly))) continue;
      verdicts.push(
        differs(
          { service: quoted(complaints), here: `${own[0].name.fqdn} answers`, fqdn: own[0].name.fqdn },
          [reachEvidence(answer)],
          category,
        ),
      );
    }
    return verdicts.length > 0 ? verdicts : say.pass(undefined, { subject: id });
  },
});

function said({ system }: Path): string {
  return system.addresses.join(", ") || (system.error ?? "no address");
}

function lookedUp(path: Path): Evidence {
  return {
    kind: "machine",
    source: `look-up of ${path.name.fqdn} by the system`,
    observed: said(path),
    expected: expectedAddresses(path).join(", "),
  };
}

function quoted(remarks: readonly { code: string; level: string; message: string }[]): string {
  return remarks
    .slice(0, 2)
    .map(({ level, code, message }) => `${level} ${code}: ${message}`)
    .join("; ");
}
