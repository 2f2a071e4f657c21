import { addRecord, linkZone, removeRecord } from "../../src/model/dns-commands.ts";
import { dnsEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl, type Command } from "../../src/model/remediation.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { extensionNamespace, legacyNamespace } from "../../src/facts/kubernetes-read.ts";
import {
  calledAddresses,
  kubernetesScoring,
  takesCalls,
  type ScoringPath,
} from "../../src/facts/kubernetes-scoring.ts";
import { privateZones, type PrivateZone } from "../../src/facts/private-zones.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-online-endpoint#update-your-dns-with-an-fqdn";

interface Astray {
  readonly host: string;
  readonly got: readonly string[];
  readonly expected: readonly string[];
  readonly commands: readonly Command[];
}

/**
 * The host of a Kubernetes endpoint's scoring URI is the customer's name (`sslCname`), which Microsoft does not publish:
 * it has to lead to the router's load balancer. A name that leads to something else which takes the calls (an
 * application gateway, an ingress) is as good.
 */
export default defineProbe({
  id: "kubernetes/scoring-name",
  title: "The scoring name of the Kubernetes endpoint leads to the router",
  layer: "dns",
  docs: [docs],
  needs: { clusters: kubernetesClusters, paths: kubernetesScoring, zones: raw(privateZones), vantage },
  consequence: "Whether the scoring name leads to the router",
  reasons: {
    "infdns-k8s-custom-domain": reason<Astray>({
      severity: "error",
      title: "The scoring name of the Kubernetes endpoint does not lead to the inference router",
      detail: ({ host, got, expected }) =>
        `${host} resolves to ${got.join(", ") || "nothing"}, expected ${expected.join(", ") || "the address of the service azureml-fe"}, the load balancer of the router.`,
      fix: ({ host, expected, commands }) => ({
        summary:
          `Publish the record ${host} with the router's address ${expected.join(", ")} in the DNS that the clients use`.replace(
            "address  in",
            "address in",
          ),
        commands: [...commands, kubectl("get", "service", "azureml-fe", "--namespace", "azureml", "--output", "wide")],
        warning:
          "Microsoft manages neither the name nor its certificate. The address changes when the router's service is made anew: the record has to follow.",
        takesEffect: "When the old answer's time to live has passed",
        verify: [`nslookup ${host}`],
        docs,
      }),
      causedBy: [
        "dns-custom-no-forwarder",
        "dns-hosts-file-override",
        "dns-zone-not-linked",
        "dns-client-not-using-vnet-dns",
      ],
      rivals: ["k8s-router-address-unreachable"],
    }),
  },
  judge({ clusters, paths, zones, vantage: here }, say) {
    const named = paths.filter(({ isAddress }) => !isAddress);
    if (named.length === 0) return say.skip("no Kubernetes endpoint is called by a name");
    const known = valueOf(zones)?.zones ?? [];
    return named.map((path): Verdict => {
      const { host, system, resolvers, azure, router, clusterId } = path;
      const got = calledAddresses(path);
      const cluster = clusters.find(({ id }) => id === clusterId);
      const namespace = cluster?.isLegacy === true ? legacyNamespace : extensionNamespace;
      if (cluster?.isStopped === true) return say.skip("the cluster is stopped", host);
      const working = path.reaches.find((reach) => got.includes(reach.address) && takesCalls(reach, path.scheme));
      if (working)
        return say.pass(`${host} resolves to ${working.address}, which takes calls`, {
          subject: host,
          evidence: [reachEvidence(working)],
        });
      const isDenied =
        system?.error === "ENOTFOUND" ||
        resolvers.some(
          ({ outcome, rcode, addresses }) =>
            outcome === "answered" && addresses.length === 0 && (rcode === "NXDOMAIN" || rcode === "NOERROR"),
        );
      if (got.length === 0 && !isDenied)
        return say.unknown(`no DNS server of this machine answers for ${host}`, { subject: host });
      const expected = valueOf(router) ?? [];
      if (router.is === "absent") return say.skip("the cluster has no router service to compare with", host);
      if (router.is === "value" && expected.length === 0)
        return say.skip("the router's load balancer has no address yet", host);
      if (router.is === "gap" && got.length > 0) {
        return say.unknown(router, {
          subject: host,
          permission: `list services in ${namespace}`,
          consequence: `Whether ${got.join(", ")} is the router's address`,
          matters: cluster?.isOpen ?? true,
        });
      }
      if (got.length > 0 && got.every((address) => expected.includes(address)))
        return say.pass(`${host} resolves to the router's address ${got.join(", ")}`, { subject: host });
      const zone = zoneOf(host, known);
      const evidence: Evidence[] = [
        {
          kind: "machine",
          source: `look-up of ${host} by the system`,
          observed: got.join(", ") || (system?.error ?? "nothing"),
          expected: expected.join(", ") || "the router's address",
        },
        ...[resolvers[0] ?? azure].flatMap((answer) =>
          answer === undefined ? [] : [dnsEvidence(answer, expected.join(", ") || undefined)],
        ),
        ...(expected.length === 0
          ? []
          : [
              {
                kind: "kubernetes" as const,
                source: `service azureml-fe in ${namespace}, status.loadBalancer.ingress`,
                observed: expected.join(", "),
              },
            ]),
      ];
      return say.found("infdns-k8s-custom-domain", {
        subject: host,
        about: [path.endpointId, ...(zone === undefined ? [] : [zone.id])],
        data: { host, got, expected, commands: zone === undefined ? [] : mend(path, zone, expected, here.vnetId) },
        evidence,
        ruledOut:
          got.length === 0
            ? [{ id: "k8s-router-address-unreachable", by: "the call ends at the name, before any address" }]
            : [],
      });
    });
  },
});

/** The closest private zone that holds the host's namespace. */
function zoneOf(host: string, zones: readonly PrivateZone[]): PrivateZone | undefined {
  return zones.filter(({ name }) => host.endsWith(`.${name}`)).sort((a, b) => b.name.length - a.name.length)[0];
}

/** What mends the name in its zone: the record, or the zone's link when the record is right and Azure's DNS does not see it. */
function mend(
  { host, azure }: ScoringPath,
  zone: PrivateZone,
  expected: readonly string[],
  vnetId: string | undefined,
): Command[] {
  const recordName = host.slice(0, -zone.name.length - 1);
  const records = (valueOf(zone.records) ?? []).filter(({ name }) => name.toLowerCase() === recordName);
  const present = records.flatMap(({ properties }) =>
    (properties?.aRecords ?? []).flatMap(({ ipv4Address }) => ipv4Address ?? []),
  );
  const missing = expected.filter((address) => !present.includes(address));
  const wrong = expected.length === 0 ? [] : present.filter((address) => !expected.includes(address));
  const isUnseen = missing.length === 0 && vnetId !== undefined && azure?.addresses.length === 0;
  return [
    ...missing.map((address) => addRecord(zone.id, recordName, address)),
    ...wrong.map((address) => removeRecord(zone.id, recordName, address)),
    ...(isUnseen ? [linkZone(zone.id, vnetId)] : []),
  ];
}
