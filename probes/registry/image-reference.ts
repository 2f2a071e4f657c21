import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { showLogs, showState, tryAgain } from "../../src/model/deployment-commands.ts";
import { maybe } from "../../src/model/fact.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { valueOf } from "../../src/model/observation.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { principalsOf } from "../../src/facts/principals.ts";
import { registry } from "../../src/facts/registry.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-badargument";

interface Image {
  readonly deploymentId: string;
  readonly host: string;
  readonly path: string;
  readonly line: string;
  readonly principals: readonly string[];
  /** Login server of the workspace's registry. */
  readonly login?: string;
}

function shortName(host: string): string {
  return host.split(".")[0] ?? host;
}

const gone =
  /manifest[ _](?:for .* )?(?:unknown|not found)|name[ _]unknown|(?:image|repository|tag|manifest)\b.*\b(?:not found|does not exist)/i;
const reference = /\b((?:[\w-]+\.)+[a-z]{2,})\/([\w./-]+(?:[:@][\w.:-]*\w)?)/i;

/** What the failed pull asked for, by the service's own words: where those name no image, nothing is said here. */
export default defineProbe({
  id: "registry/image-reference",
  title: "The images that deployments ask for exist where the deployments can pull",
  layer: "endpoint",
  docs: [docs],
  needs: { workspace, registry: maybe(registry), failures: deploymentFailures, endpoints: onlineEndpoints },
  consequence: "Whether the images that deployments ask for exist",
  advisory: true,
  reasons: {
    "acr-image-missing": reason<Image>({
      severity: "error",
      title: "The image or tag that the deployment asks for is not in the registry",
      detail: ({ line }) => `The service says: ${line}`,
      fix: ({ deploymentId, host, path }) => ({
        summary: `Build or push ${path} to ${host}, from a machine inside the network, then start the deployment again`,
        commands: [
          az(
            "acr",
            "repository",
            "show-tags",
            "--name",
            shortName(host),
            "--repository",
            path.replace(/[:@].*$/, ""),
            "--orderby",
            "time_desc",
          ),
          tryAgain(deploymentId),
        ],
        warning:
          "Listing tags asks the registry itself: run it inside the network, or it fails for another reason and proves nothing.",
        verify: [showState(deploymentId)],
        docs,
      }),
      // A quarantined image answers as one that is not there.
      causedBy: ["acr-quarantine-enabled"],
      rivals: ["acr-identity-missing-acrpull", "acr-egress-pe-pending"],
    }),
    "acr-private-third-party-registry": reason<Image>({
      severity: "error",
      title: "The image belongs to a registry other than the workspace's, which does not let the deployment in",
      detail: ({ host, line }) => `${host} is not the workspace's registry. The service says: ${line}`,
      fix: ({ deploymentId, host, path, principals, login }) => ({
        summary:
          "Copy the image into the workspace's registry, or give the endpoint's identity AcrPull on the other registry and the deployment a path to it",
        commands: [
          ...(login === undefined
            ? []
            : [az("acr", "import", "--name", shortName(login), "--source", `${host}/${path}`, "--image", path)]),
          ...principals.map((principal): Command => ({
            shell: "az",
            text: `${az("role", "assignment", "create", "--assignee-object-id", principal, "--assignee-principal-type", "ServicePrincipal", "--role", "AcrPull", "--scope").text} "$(${az("acr", "show", "--name", shortName(host), "--query", "id", "--output", "tsv").text})"`,
          })),
          showLogs(deploymentId),
        ],
        warning: `The environment that uses ${path} must name the image only, with nothing to build. User names and passwords of a registry are not accepted. A managed network needs an outbound private endpoint rule to the other registry.`,
        verify: [showState(deploymentId)],
        docs,
      }),
      rivals: ["acr-identity-missing-acrpull"],
      causedBy: ["mn-outbound-rule-missing", "mn-outbound-rule-not-active", "mn-outbound-pe-pending"],
    }),
    "acr-mcr-blocked": reason<Image>({
      severity: "error",
      title: "The deployment asks for an image of the Microsoft registry, which secured egress does not reach",
      detail: ({ line }) => `The service says: ${line}`,
      fix: ({ deploymentId, host, path, login }) => ({
        summary: "Bring the image into the workspace's registry and name it there in the environment",
        commands: [
          ...(login === undefined
            ? []
            : [az("acr", "import", "--name", shortName(login), "--source", `${host}/${path}`, "--image", path)]),
          showLogs(deploymentId),
        ],
        warning:
          "The environment has to name the copy afterwards. A managed network reaches the Microsoft registry by its required rules.",
        verify: [showState(deploymentId)],
        docs: "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint",
      }),
    }),
  },
  judge({ workspace: space, registry: known, failures, endpoints }, say) {
    const pulls = failures.filter(
      ({ stage, kubernetes }) => (stage === "image-pull" || stage === "unstated") && !kubernetes,
    );
    const found = pulls.flatMap(({ deploymentId, endpointId, words }): Verdict[] => {
      const line = words.find((word) => reference.test(word));
      const parts = line === undefined ? undefined : reference.exec(line);
      const host = parts?.[1]?.toLowerCase();
      if (line === undefined || host === undefined) return [];
      const owner = endpoints.find(({ endpoint }) => sameId(endpoint.id, endpointId));
      const deployment = owner && (valueOf(owner.deployments) ?? []).find(({ id }) => sameId(id, deploymentId));
      const login = known?.properties.loginServer?.toLowerCase();
      const data = {
        deploymentId,
        host,
        path: parts?.[2] ?? "",
        line,
        principals: principalsOf(owner?.endpoint.identity).ids,
        ...(login === undefined ? {} : { login }),
      };
      const evidence: Evidence[] = [{ kind: "log", source: `${deploymentId} getLogs`, observed: line }];
      const what = {
        subject: deploymentId,
        about: [endpointId, host, ...(known && host === login ? [known.id] : [])],
        data,
      };
      if (gone.test(line))
        return [
          say.found("acr-image-missing", {
            ...what,
            evidence,
            ruledOut: [
              { id: "acr-identity-missing-acrpull", by: "the registry answered that it does not have the image" },
            ],
          }),
        ];
      if (/^mcr\.microsoft\.(?:com|cn)$/.test(host)) {
        if (isolationOf(space) !== "none" || !sameText(deployment?.properties.egressPublicNetworkAccess, "Disabled"))
          return [];
        return [
          say.found("acr-mcr-blocked", {
            ...what,
            evidence: [
              ...evidence,
              armEvidence(
                deploymentId,
                "properties.egressPublicNetworkAccess",
                deployment?.properties.egressPublicNetworkAccess,
              ),
            ],
          }),
        ];
      }
      if (login === undefined || host === login) return [];
      return [
        say.found("acr-private-third-party-registry", {
          ...what,
          evidence: [...evidence, armEvidence(known?.id ?? space.id, "properties.loginServer", login)],
          confidence: "likely",
          inferredFrom: "the image's host and the failed pull; the other registry itself was not looked at",
        }),
      ];
    });
    return found.length > 0 ? found : say.pass();
  },
});
