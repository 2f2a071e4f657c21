import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { ownPath } from "../../src/facts/own-path.ts";
import { target } from "../../src/facts/target.ts";
import { vantage } from "../../src/facts/vantage.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/cli/azure/manage-clouds-azure-cli";

/** The clouds by what the metadata service calls them. */
const byMetadata: Readonly<Record<string, string>> = {
  azurepubliccloud: "AzureCloud",
  azurecloud: "AzureCloud",
  azureusgovernment: "AzureUSGovernment",
  azureusgovernmentcloud: "AzureUSGovernment",
  azurechinacloud: "AzureChinaCloud",
};

/** What Entra ID and Resource Manager say to a sign-in of another cloud; some say it of other mistakes too. */
const otherCloud = new Set([
  "AADSTS900382",
  "AADSTS500011",
  "AADSTS90002",
  "AADSTS700016",
  "InvalidAuthenticationTokenAudience",
  "InvalidAuthenticationToken",
]);

/** The cloud that a region belongs to, by how its name begins. */
function cloudOfRegion(region: string): string {
  const name = region.toLowerCase().replaceAll(" ", "");
  if (/^us(?:gov|dod)/.test(name)) return "AzureUSGovernment";
  return name.startsWith("china") ? "AzureChinaCloud" : "AzureCloud";
}

/**
 * Every cloud has its own names. With the wrong one all names look for services that are not there. A machine of one cloud
 * that manages a workspace of another is unusual and possible: then private endpoints are out of its reach.
 */
export default defineProbe({
  id: "client/cloud",
  title: "The workspace, this machine and the names in use belong to one cloud",
  layer: "control-plane",
  docs: [docs],
  needs: { target, workspace: raw(workspace), vantage, own: raw(ownPath) },
  advisory: true,
  reasons: {
    "cv-cloud-mismatch": reason<{ used: string; right: string; from: string }>({
      severity: "error",
      title: "The names of another cloud are in use than the one that the workspace, or this machine, belongs to",
      detail: ({ used, right, from }) => `In use: ${used}; ${from} belongs to ${right}.`,
      fix: ({ right }) => ({
        summary: `Use the cloud ${right}: run this tool with --cloud ${right}, and set it for az`,
        commands: [az("cloud", "set", "--name", right), az("login")],
        verify: [az("cloud", "show", "--query", "name").text],
        docs,
      }),
      rivals: ["dns-zone-missing"],
    }),
  },
  judge({ target: { cloud: used }, workspace: looked, vantage: here, own }, say) {
    const evidence: Evidence[] = [{ kind: "machine", source: "cloud in use", observed: used }];
    const environment = here.instance.is === "value" ? here.instance.value.azEnvironment : undefined;
    const machine = byMetadata[environment?.toLowerCase() ?? ""];
    const ofMachine: Evidence = {
      kind: "machine",
      source: "instance metadata azEnvironment",
      observed: environment ?? "",
      expected: used,
    };
    if (looked.is === "absent") return say.skip("there is no workspace in the cloud in use");
    if (looked.is === "gap") {
      const { trouble, signIn } = own.is === "value" ? own.value : {};
      const said =
        trouble === "no-token" ? signIn?.failure : trouble === "token-refused" ? signIn?.challenge : undefined;
      if (machine === undefined || sameText(machine, used) || said === undefined || !otherCloud.has(said.code ?? ""))
        return say.unknown(looked);
      return say.found("cv-cloud-mismatch", {
        subject: here.name,
        data: { used, right: machine, from: `this machine (${here.name})` },
        evidence: [
          ...evidence,
          ofMachine,
          { kind: "http", source: "sign-in", observed: said.message ?? said.code ?? "", expected: "a token" },
        ],
        inferredFrom: "the machine is of another cloud, and the sign-in fails as it does in a wrong one",
        // A service principal of another cloud may sign in from here: that it is meant is possible.
        as: "warning",
      });
    }
    const space = looked.value;
    const region = space.location ? cloudOfRegion(space.location) : undefined;
    if (region !== undefined && region !== used)
      return say.found("cv-cloud-mismatch", {
        subject: space.id,
        data: { used, right: region, from: `the region ${space.location ?? ""}` },
        evidence: [...evidence, armEvidence(space.id, "location", space.location, `a region of ${used}`)],
      });
    if (machine !== undefined && !sameText(machine, used))
      return say.found("cv-cloud-mismatch", {
        subject: here.name,
        data: { used, right: machine, from: `this machine (${here.name})` },
        evidence: [...evidence, ofMachine],
        // The workspace was read in the cloud in use, so that cloud is not wrong.
        as: "warning",
      });
    return say.pass(undefined, { subject: space.id, evidence });
  },
});
