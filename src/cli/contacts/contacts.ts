import { factsOf } from "../../engine/fact-graph.ts";
import { valueOf } from "../../model/observation.ts";
import { podCommandPatterns } from "../../model/pod-commands.ts";
import type { Probe } from "../../model/probe.ts";
import type { Context } from "../../model/ports.ts";
import type { Surroundings } from "../surroundings.ts";
import { armPatterns, type ArmPattern } from "./arm-patterns.ts";
import { askedOnly, clusterHost, managementNames, namePatterns, type NamePattern } from "./name-patterns.ts";

/** A host that a run may connect to. */
export interface Contact {
  /** A name or address; `*` at the beginning stands for one or more labels; words in brackets for what is not known yet. */
  readonly host: string;
  readonly port: number | "any";
  readonly transport: "tcp" | "udp and tcp";
  readonly what: string;
  /** The proxy that it goes through: `only`, or besides a direct connection. */
  readonly proxy?: { readonly url: string; readonly only: boolean };
}

/** Everything that a run may contact. */
export interface Contacts {
  readonly hosts: readonly Contact[];
  readonly resourceManager: string;
  /** What may be run in pods of attached clusters; empty unless the user asked for it. */
  readonly podCommands: typeof podCommandPatterns;
  readonly reads: readonly ArmPattern[];
  /** Names that are asked of each of the servers; the operating system's own resolver is asked for them too. */
  readonly questions: { readonly names: readonly NamePattern[]; readonly servers: readonly string[] };
}

/** The instance metadata service, which also signs managed identities in. */
const metadata = "169.254.169.254";

/**
 * What a diagnosis with these checks may contact, known without contacting anything: from the facts that the checks need,
 * the actions these read, and the way in which each of the few kinds of measurement dials. A look-up that comes later
 * depends on what an earlier one brings, so that this is the most that can happen, not a record of what will.
 */
export async function contactsOf(probes: readonly Probe[], context: Context, around: Surroundings): Promise<Contacts> {
  const facts = factsOf(probes.map(({ needs }) => needs));
  const uses = (...keys: readonly string[]): boolean => facts.some(({ key }) => keys.includes(key));
  const clusters = facts.some(({ key }) => key.startsWith("kubernetes/")) && context.kubernetes !== undefined;
  const { cloud, net } = context;
  const authority = around.signIn.authorityHost ?? cloud.authority;
  const named = uses("dns/answers") ? namePatterns(cloud) : [];
  const scoresClusters = uses("net/kubernetes-scoring");
  const resolvers = valueOf(await context.machine.resolvers());
  const ruled = (resolvers?.rules ?? []).flatMap(({ servers }) => servers);
  const asked = [...new Set([...(resolvers?.servers ?? []), ...ruled, context.azureDns])];

  const through = (host: string, only: boolean): Pick<Contact, "proxy"> => {
    const url = net.proxyFor(host.replace(/^\*/, "any"));
    return url === undefined ? {} : { proxy: { url, only } };
  };
  const web = (host: string, what: string, only: boolean, port: Contact["port"] = 443): Contact => ({
    host,
    port,
    transport: "tcp",
    what,
    ...through(host, only),
  });
  const service = (url: string, what: string): Contact => {
    const { hostname, port, protocol } = new URL(url);
    return web(hostname, what, true, port === "" ? (protocol === "http:" ? 80 : 443) : Number(port));
  };
  const hosts: Contact[] = [
    service(around.resourceManager, "Azure Resource Manager"),
    service(authority, "sign-in"),
    {
      host: metadata,
      port: 80,
      transport: "tcp",
      what: "instance metadata and managed identity, never through a proxy",
    },
    ...(named.length === 0 ? [] : asked).map((host) => ({
      host,
      port: 53,
      transport: "udp and tcp" as const,
      what: "DNS",
    })),
    ...(uses("net/reaches") ? named.map(({ name, what }) => web(name, what, false)) : []),
    ...(uses("net/file-share-reaches")
      ? [{ host: `*.file.${cloud.storage}`, port: 445, transport: "tcp" as const, what: "storage, file shares" }]
      : []),
    ...(scoresClusters ? [web(clusterHost, "scoring", false, "any")] : []),
    ...(clusters ? [web("(API server in the kubeconfig)", "Kubernetes", true, "any")] : []),
  ];
  const proxies = new Set(hosts.flatMap(({ proxy }) => proxy?.url ?? []));
  return {
    hosts: [...hosts, ...[...proxies].map(proxyContact)],
    resourceManager: around.resourceManager,
    podCommands:
      clusters && context.inCluster === true && facts.some(({ key }) => key.startsWith("pod/"))
        ? podCommandPatterns
        : [],
    reads: armPatterns([...new Set(facts.flatMap(({ reads }) => reads))], context.target),
    questions: {
      servers: asked,
      names: [
        ...named,
        ...(named.length === 0 ? [] : askedOnly(cloud)),
        ...(uses("run/own-path") ? managementNames(around.resourceManager, authority) : []),
        ...(scoresClusters ? [{ name: clusterHost, what: "scoring" }] : []),
      ],
    },
  };
}

function proxyContact(url: string): Contact {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const port = parsed?.port ? Number(parsed.port) : parsed?.protocol === "https:" ? 443 : 80;
  return { host: parsed?.hostname ?? url, port, transport: "tcp", what: "proxy" };
}
