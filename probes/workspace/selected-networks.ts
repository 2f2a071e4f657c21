import { isPublicAddress, inAnyPrefix } from "../../src/model/address.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { maybe } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest, sh } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { allowedAddresses } from "../../src/facts/allowed-addresses.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { paths, reachOf, type Path } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link";
const what = "The workspace's list of allowed addresses";

interface Rules {
  readonly workspaceId: string;
  readonly allowed: readonly string[];
}

const show = ({ workspaceId }: Rules) =>
  `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.[publicNetworkAccess,networkAcls,ipAllowlist]`;

/**
 * A workspace that lets selected public addresses in. Which public address this machine comes from is decided by a NAT out
 * of sight; that the workspace answers 403 at its public address while such a list exists is the measure.
 */
export default defineProbe({
  id: "workspace/selected-networks",
  title: "The workspace's list of allowed addresses lets this machine in",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, paths, vantage, endpoints: maybe(onlineEndpoints) },
  consequence: "Whether the workspace's list of allowed addresses lets this machine in",
  advisory: true,
  reasons: {
    "ws-pna-selected-ips-client-missing": reason<Rules & { machine: string; callers: readonly string[] }>({
      severity: "error",
      title: `${what} does not hold the address that this machine comes from`,
      detail: ({ allowed, machine }) =>
        `The workspace lets ${shortList(allowed, 5)} in and answers ${machine} with HTTP 403 at its public address.`,
      fix: (data) => ({
        summary: `Come in by the workspace's private endpoint where there is one; otherwise have the owner add ${data.callers.length > 0 ? `${data.callers.join(", ")}, from which this machine comes,` : "the public address of this network's NAT"} to the list, beside the addresses that are there`,
        commands: [
          ...(data.callers.length > 0 ? [] : [sh("curl", "-sS", "https://ifconfig.me")]),
          azRest("get", data.workspaceId, apiVersions.machineLearning),
        ],
        warning:
          "Only public IPv4 addresses and ranges count, 200 at most; private ranges are not accepted. With the ml extension: az ml workspace network-rule add --ip-address. A network that has several public addresses needs all of them.",
        takesEffect: "Within a few minutes",
        verify: [show(data)],
        docs,
      }),
      rivals: ["ws-pna-disabled-client-public"],
    }),
    "ws-pna-selected-ips-endpoint-matrix": reason<Rules & { endpoints: readonly string[] }>({
      severity: "warning",
      title: `${what} goes on ruling its open endpoints although the workspace itself is closed`,
      detail: ({ allowed, endpoints }) =>
        `publicNetworkAccess of the workspace is Disabled with ${shortList(allowed, 5)} still on the list; ${shortList(endpoints)} is open and lets these addresses in alone.`,
      fix: (data) => ({
        summary:
          "Decide what is meant: empty the list before the workspace is closed, or close the endpoints too (their own publicNetworkAccess)",
        commands: [azRest("get", data.workspaceId, apiVersions.machineLearning)],
        warning:
          "Batch endpoints do not support selected addresses. An endpoint whose own flag is Disabled ignores the list.",
        verify: [show(data)],
        docs,
      }),
    }),
  },
  judge({ workspace: space, paths: all, vantage: here, endpoints }, say) {
    const { id, properties } = space;
    const allowed = allowedAddresses(space);
    if (allowed.length === 0 || sameText(properties.networkAcls?.defaultAction, "Allow"))
      return say.skip("the workspace has no list of allowed addresses", id);
    const listed = armEvidence(id, "properties.networkAcls.ipRules, properties.ipAllowlist", allowed.slice(0, 10));
    const isOpen = armEvidence(id, "properties.publicNetworkAccess", properties.publicNetworkAccess ?? undefined);
    if (sameText(properties.publicNetworkAccess, "Disabled")) {
      const open = (endpoints ?? []).filter(
        (each) => !onKubernetes(each) && sameText(each.endpoint.properties.publicNetworkAccess, "Enabled"),
      );
      if (open.length === 0) return say.skip("workspace and endpoints are closed: the list rules nothing", id);
      return say.found("ws-pna-selected-ips-endpoint-matrix", {
        subject: id,
        data: { workspaceId: id, allowed, endpoints: open.map(({ endpoint }) => endpoint.name) },
        evidence: [listed, isOpen],
      });
    }
    const home = all.filter(({ name }) => name.service === "workspace-api");
    const verdicts = home.flatMap((path): Verdict[] => {
      const reach = path.system.addresses
        .filter(isPublicAddress)
        .map((address) => reachOf(path, address))
        .find((one) => one?.http?.status !== undefined);
      if (reach === undefined) return [];
      const evidence: Evidence[] = [reachEvidence(reach, "HTTP 401 or 200"), listed, isOpen];
      if (reach.http?.status !== 403) return [say.pass(undefined, { subject: id, evidence })];
      const own = here.addresses.filter((address) => isPublicAddress(address) && inAnyPrefix(address, allowed));
      if (own.length > 0)
        return [
          say.unknown(`this machine's address ${own.join(", ")} is on the list, and it is refused`, { subject: id }),
        ];
      const callers = callersOf(here.addresses, all).filter((address) => !inAnyPrefix(address, allowed));
      return [
        say.found("ws-pna-selected-ips-client-missing", {
          subject: id,
          about: [path.name.fqdn, `${reach.address}:443`],
          data: { workspaceId: id, allowed, machine: here.name, callers },
          evidence: [
            ...evidence,
            ...callers.slice(0, 1).map((address): Evidence => ({
              kind: "machine",
              source: "the public address that this machine comes from",
              observed: address,
              expected: "one on the list",
            })),
          ],
          confidence: "likely",
          inferredFrom:
            "the workspace refuses this machine at its public address, is open, and has a list of allowed addresses",
          ruledOut: [{ id: "ws-pna-disabled-client-public", by: "public access of the workspace is not Disabled" }],
        }),
      ];
    });
    return verdicts.length > 0
      ? verdicts
      : say.skip("this machine does not come in by the workspace's public address", id);
  },
});

/** The public addresses that this machine comes from: its own, or else those that services name when they refuse it. */
function callersOf(own: readonly string[], all: readonly Path[]): string[] {
  const mine = own.filter(isPublicAddress);
  if (mine.length > 0) return mine;
  const told = all.flatMap(({ reaches }) =>
    reaches.flatMap(({ http }) =>
      http?.status === 403
        ? [...http.body.matchAll(/client (?:with IP|address:?)\s*'?(\d+(?:\.\d+){3})/gi)].map(
            ([, address]) => address ?? "",
          )
        : [],
    ),
  );
  return [...new Set(told.filter(isPublicAddress))];
}
