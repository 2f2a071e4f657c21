import { parseArmId } from "../../src/model/arm-id.ts";
import { az } from "../../src/model/remediation.ts";
import { tryAgain } from "../../src/model/deployment-commands.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles";

interface Denied {
  readonly line: string;
  readonly role: string;
  readonly scope: string;
  readonly deploymentId: string;
  readonly caller?: string;
}

const denied = (title: string) =>
  reason<Denied>({
    severity: "error",
    title,
    detail: ({ line }) => `The service says: ${line}`,
    fix: ({ role, scope, deploymentId, caller }) => ({
      summary: `Give whoever deploys the role ${role} (or a custom role with the named action), then deploy again`,
      commands: [
        ...(caller === undefined
          ? [az("role", "assignment", "list", "--scope", scope, "--include-inherited")]
          : [az("role", "assignment", "create", "--assignee", caller, "--role", role, "--scope", scope)]),
        tryAgain(deploymentId),
      ],
      takesEffect: "Within a few minutes",
      verify: [
        az(
          "role",
          "assignment",
          "list",
          "--scope",
          scope,
          "--include-inherited",
          ...(caller === undefined ? [] : ["--assignee", caller]),
        ).text,
      ],
      docs,
    }),
  });

/** What the deploying user or pipeline was refused, in ARM's own words: they name the caller, the action and the scope. */
export default defineProbe({
  id: "identity/deployer-rights",
  title: "Nobody was refused the right to deploy",
  layer: "identity",
  docs: [docs],
  needs: { workspace, failures: deploymentFailures },
  consequence: "Whether the deployer has the rights that a deployment needs",
  advisory: true,
  reasons: {
    "rbac-contributor-on-rg": denied("The deployer may not write online endpoints and deployments"),
    "rbac-network-join-missing": denied("The deployer may not join the virtual network or its subnet"),
  },
  judge({ workspace: { id }, failures }, say) {
    const group = `/${id.split("/").slice(1, 5).join("/")}`;
    const found = failures.flatMap(({ deploymentId, endpointId, words }) =>
      words.flatMap((line) => {
        if (!/AuthorizationFailed|does not have authorization to perform action/i.test(line)) return [];
        const scope = /over scope '([^']+)'/i.exec(line)?.[1];
        const caller = /with object id '([0-9a-f-]{36})'/i.exec(line)?.[1];
        const join = /Microsoft\.Network\/virtualNetworks\/(?:subnets\/)?join\/action/i.test(line);
        if (!join && !/onlineEndpoints\/(?:deployments\/)?write/i.test(line)) return [];
        const at = join && parseArmId(scope) !== undefined && scope !== undefined ? scope : group;
        const what = {
          subject: deploymentId,
          about: [endpointId, ...(scope === undefined ? [] : [scope])],
          data: {
            line,
            role: join ? "Network Contributor" : "Contributor",
            scope: at,
            deploymentId,
            ...(caller === undefined ? {} : { caller }),
          },
          evidence: [{ kind: "log" as const, source: `${deploymentId} getLogs`, observed: line }],
        };
        return [say.found(join ? "rbac-network-join-missing" : "rbac-contributor-on-rg", what)];
      }),
    );
    return found.length > 0 ? found : say.pass();
  },
});
