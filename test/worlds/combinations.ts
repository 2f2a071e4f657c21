import { createHash } from "node:crypto";
import type { Probe } from "../../src/model/probe.ts";
import { baseline } from "./edit.ts";
import type { Variation } from "./expect-variation.ts";
import { touched } from "./facets.ts";

/** A variation with one certain root, and what it touches. */
interface Fault {
  readonly variation: Variation;
  readonly root: string;
  /** The probe that finds the root. */
  readonly probe: string;
  readonly touches: ReadonlySet<string>;
}

/**
 * Faults beside which others cannot be seen from here, or would be other faults: what they hide, by the path of the probe.
 * Everything else has to be found beside everything else.
 */
const hides: readonly { readonly by: RegExp; readonly what: RegExp; readonly because: string }[] = [
  {
    by: /^(?:dns-azure-dns-blocked|cv-client-outside-vnet|dns-client-not-using-vnet-dns)$/,
    what: /^dns\/|^client\/hosts-file|^kubernetes\/scoring-name/,
    because: "Azure's own DNS does not answer here, or nobody asks it, so that zones and records do not show",
  },
  {
    by: /^cv-client-outside-vnet$/,
    what: /^client\/|^network\/|^scoring\/|^(?:key-vault|storage|registry)\/client-path|^firewall\/file-shares/,
    because: "a machine outside of the network reaches nothing in it, whatever else stops it",
  },
  {
    by: /^infdns-model-endpoint-name-mismatch$/,
    what: /^(?:deployment|endpoint|scoring|identity|managed-network|registry|storage|key-vault|private-endpoint)\/|^client\/hosts-file|^workspace\/public-egress/,
    because: "of an endpoint that is not there no deployment, name or answer can be looked at",
  },
  {
    by: /^(?:ws-no-private-endpoint|ws-pe-removed-not-public|pe-provisioning-failed-or-stale-object|infdns-foreign-workspace-nxdomain)$/,
    what: /^(?:dns|client|network|scoring|private-endpoint|endpoint)\//,
    because: "without the workspace's private endpoint no address is the right one, and nothing answers",
  },
  {
    by: /^dns-(?:custom|forwarder|split|proxy)|^infdns-(?:forwarder|wildcard)|resolver-vnet$/,
    what: /^dns\//,
    because: "a server between this machine and Azure's own DNS has one fault that explains its answers",
  },
  {
    by: /^dns-forwarder-queries-168-from-onprem$/,
    what: /^client\//,
    because: "a machine elsewhere that gets neither names nor connections is simply outside of the network",
  },
  {
    by: /^cv-cloud-mismatch$/,
    what: /^(?:client|dns|scoring)\/|^workspace\/selected-networks/,
    because: "the names that are in use are none of the workspace's",
  },
  {
    by: /^oe-pna-disabled-no-private-path$/,
    what: /^scoring\//,
    because: "an endpoint that takes private requests only has no rules for public ones",
  },
  {
    by: /^pe-connection-not-approved$/,
    what: /^(?:private-endpoint|client|scoring)\//,
    because: "a private endpoint that is not approved has no names yet and carries nothing",
  },
  {
    by: /^(?:nsg-jumpbox-outbound-blocked|udr-routes-pe-through-nva|pe-network-policies-block-traffic|cv-tcp-443-to-pe-blocked)$/,
    what: /^private-endpoint\/shared-zone$/,
    because: "which of two private endpoints answers cannot be told where none is let through",
  },
  {
    by: /^(?:k8s-clusterip-no-external-path|k8s-azureml-fe-unhealthy|infdns-k8s-custom-domain)$/,
    what: /^kubernetes\/(?:scoring|load-balancer)/,
    because: "where calls do not get to the router, what they would meet there does not show",
  },
  {
    by: /^cmp-/,
    what: /^compute\//,
    because: "the computes of a baseline are few, and each is made for one fault",
  },
  {
    by: /^(?:k8s-cluster-stopped|k8s-namespace-or-compute-invalid)$/,
    what: /^(?:kubernetes|aks-v1)\//,
    because: "nothing runs in a cluster that is stopped, gone or attached to nothing",
  },
  {
    by: /^(?:aksv1-|k8s-deps-without-pe|k8s-region-mismatch|k8s-legacy-fe-conflict)/,
    what: /^(?:kubernetes|aks-v1)\//,
    because:
      "clusters that are moved, attached otherwise or numbered otherwise are not what the other fault is made for",
  },
];

function isHidden({ probe }: Fault, { root }: Fault): boolean {
  return hides.some(({ by, what }) => by.test(root) && what.test(probe));
}

/** The ids that explain a failure id, directly or through others. */
function explaining(
  id: string,
  causes: ReadonlyMap<string, readonly string[]>,
  found = new Set<string>(),
): Set<string> {
  for (const cause of causes.get(id) ?? []) if (!found.has(cause)) explaining(cause, causes, found.add(cause));
  return found;
}

/** The same order everywhere, in which a new variation finds its place without moving the others. */
function rank(faults: readonly Fault[]): string {
  return createHash("sha256")
    .update(faults.map(({ variation }) => variation.story).join("+"))
    .digest("hex");
}

/** Faults that are there at once, as one variation: each is a root, and nothing else is. */
function together(faults: readonly Fault[]): Variation {
  const [first] = faults;
  if (first === undefined) throw new Error("no fault");
  return {
    story: faults.map(({ variation }) => variation.story).join("; "),
    baseline: first.variation.baseline,
    change: (world) => {
      for (const { variation } of faults) variation.change(world);
    },
    roots: faults.map(({ root }) => root),
  };
}

/** Whether the changes can be made one after the other: what one takes away entirely the other may want to change. */
export function composes({ baseline: name, change }: Variation): boolean {
  try {
    change(baseline(name));
    return true;
  } catch {
    return false;
  }
}

/** Every pair of variations of one baseline that touch different things and neither explain nor hide each other, and one
 * further fault to each where there is one; by baseline. */
export function combine(
  variations: readonly Variation[],
  probes: readonly Probe[],
): ReadonlyMap<string, { readonly pairs: readonly Variation[]; readonly triples: readonly Variation[] }> {
  const causes = new Map(
    probes.flatMap(({ reasons }) =>
      Object.entries(reasons).map(([id, { causedBy = [] }]) => [
        id,
        causedBy.map((cause) => (typeof cause === "string" ? cause : cause.reason)),
      ]),
    ),
  );
  const probeOf = new Map(probes.flatMap(({ id, reasons }) => Object.keys(reasons).map((reason) => [reason, id])));
  const faults = variations.flatMap((variation): Fault[] => {
    const { roots, score, dns, verdict } = variation;
    const [root] = roots;
    if (roots.length !== 1 || typeof root !== "string" || score || dns || verdict) return [];
    const touches = touched(variation.baseline, variation.change);
    return [{ variation, root, probe: probeOf.get(root) ?? "", touches }];
  });
  const apart = (a: Fault, b: Fault): boolean =>
    a.root !== b.root &&
    ![...a.touches].some((facet) => b.touches.has(facet)) &&
    !explaining(a.root, causes).has(b.root) &&
    !explaining(b.root, causes).has(a.root) &&
    !isHidden(a, b) &&
    !isHidden(b, a);
  return new Map(
    [...Map.groupBy(faults, ({ variation }) => variation.baseline)].map(([name, its]) => {
      const pairs = its.flatMap((a, index) => its.slice(index + 1).flatMap((b) => (apart(a, b) ? [[a, b]] : [])));
      const inOrder = spreadOut(pairs);
      const triples = inOrder.slice(0, 40).flatMap((pair) => {
        const third = its.filter((each) => pair.every((other) => apart(each, other)));
        const [one] = spreadOut(third.map((each) => [...pair, each]));
        return one === undefined ? [] : [together(one)];
      });
      return [name, { pairs: inOrder.map(together), triples }];
    }),
  );
}

/** Combinations in order of rank; first those whose faults no earlier one has. */
function spreadOut(combinations: readonly (readonly Fault[])[]): (readonly Fault[])[] {
  const ranked = combinations.map((each) => ({ each, at: rank(each) })).sort((a, b) => (a.at < b.at ? -1 : 1));
  const seen = new Set<string>();
  const first = ranked.filter(({ each }) => {
    if (each.some(({ root }) => seen.has(root))) return false;
    for (const { root } of each) seen.add(root);
    return true;
  });
  return [...new Set([...first, ...ranked])].map(({ each }) => each);
}
