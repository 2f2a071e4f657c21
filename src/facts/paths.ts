import * as z from "zod";
import { isPublicAddress } from "../model/address.ts";
import { parentId, sameId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import type { DnsAnswer, Reach } from "../model/ports.ts";
import { answerSchema, dnsAnswers, systemSchema } from "./dns-answers.ts";
import { names } from "./names.ts";
import { nameSchema, type Name } from "./name.ts";
import { proxySchema, reaches, reachSchema } from "./reaches.ts";
import { vantage } from "./vantage.ts";

/** How an answer stands to what the private endpoints say. */
export const relations = [
  /** Every address is one that a private endpoint has for this name. */
  "expected",
  /** A public address. */
  "public",
  /** Private addresses that no private endpoint we can read has for this name. */
  "other-private",
  /** A sound answer without any address. */
  "nothing",
  /** No sound answer: timeout, SERVFAIL, REFUSED, garbage. */
  "no-answer",
] as const;
export type Relation = (typeof relations)[number];

export const pathSchema = z.object({
  name: nameSchema,
  /** Whether a client here has to come in by a private address. */
  needsPrivate: z.boolean(),
  system: systemSchema,
  here: z.enum(relations),
  /** In the order of the configuration, servers that answer nothing at all last. */
  resolvers: z.array(z.object({ answer: answerSchema, relation: z.enum(relations) })),
  azure: z.object({ answer: answerSchema, relation: z.enum(relations) }),
  /** The `privatelink` alias asked at the first resolver, where the public name is not private there. */
  alias: z.object({ answer: answerSchema, relation: z.enum(relations) }).optional(),
  /** The zone of the alias asked there, when the alias is not private either. */
  aliasZone: answerSchema.optional(),
  reaches: z.array(reachSchema),
  proxy: proxySchema.optional(),
});
export type Path = z.infer<typeof pathSchema>;

/** How addresses stand to the expected ones. */
export function relationOf(addresses: readonly string[], expected: readonly string[]): Exclude<Relation, "no-answer"> {
  if (addresses.length === 0) return "nothing";
  if (addresses.some(isPublicAddress)) return "public";
  return addresses.every((address) => expected.includes(address)) ? "expected" : "other-private";
}

function relationOfAnswer(answer: DnsAnswer, expected: readonly string[]): Relation {
  if (answer.outcome !== "answered") return "no-answer";
  if (answer.rcode !== "NOERROR" && answer.rcode !== "NXDOMAIN") return "no-answer";
  return relationOf(answer.addresses, expected);
}

/**
 * Whether a client here has to come in by a private address: the public door is closed or guarded, and there is a private
 * endpoint. What a public workspace depends on is the workspace's own business: a client needs it only from inside the
 * network where its private endpoint stands. A resource that may not be read counts as closed there only: an endpoint in
 * this very network was made to be used from it.
 */
function needsPrivate(name: Name, workspaceIsClosed: boolean, vnetId: string | undefined): boolean {
  if (name.expected.length === 0 || name.publicAccess === "open" || name.publicAccess === "unstated") return false;
  const standsHere = name.expected.some(({ subnetId }) => subnetId !== undefined && sameId(parentId(subnetId), vnetId));
  if (name.publicAccess === "unread") return workspaceIsClosed && standsHere;
  return name.groupId === "amlworkspace" || workspaceIsClosed || standsHere;
}

/** Everything that was measured about each name, side by side: the expectation matrix. */
export const paths = defineFact({
  key: "derived/paths",
  needs: { names, answers: dnsAnswers, reaches, vantage },
  reads: [],
  schema: z.array(pathSchema),
  collect({ names: all, answers, reaches: dialled, vantage: here }) {
    const isClosed = all.some(({ service, publicAccess }) => service === "workspace-api" && publicAccess === "closed");
    // A dead first server only costs time: the system asks the next one, and so its answers are what counts here.
    const answering = new Set(
      answers.names.flatMap(({ resolvers }) =>
        resolvers.filter(({ outcome }) => outcome === "answered").map(({ server }) => server),
      ),
    );
    const byLife = (resolvers: readonly DnsAnswer[]): DnsAnswer[] => [
      ...resolvers.filter(({ server }) => answering.has(server)),
      ...resolvers.filter(({ server }) => !answering.has(server)),
    ];
    return seen(
      all.flatMap((name): Path[] => {
        const asked = answers.names.find(({ fqdn }) => fqdn === name.fqdn);
        if (asked === undefined) return [];
        const reached = dialled.find(({ fqdn }) => fqdn === name.fqdn);
        const expected = name.expected.map(({ address }) => address);
        const relate = (answer: DnsAnswer) => ({ answer, relation: relationOfAnswer(answer, expected) });
        const { system } = asked;
        return [
          {
            name,
            needsPrivate: needsPrivate(name, isClosed, here.vnetId),
            system,
            here:
              system.addresses.length > 0 || system.error === "ENOTFOUND"
                ? relationOf(system.addresses, expected)
                : "no-answer",
            resolvers: byLife(asked.resolvers).map(relate),
            azure: relate(asked.azure),
            ...(asked.alias === undefined ? {} : { alias: relate(asked.alias) }),
            ...(asked.aliasZone === undefined ? {} : { aliasZone: asked.aliasZone }),
            reaches: [...(reached?.addresses ?? [])],
            ...(reached?.proxy === undefined ? {} : { proxy: reached.proxy }),
          },
        ];
      }),
    );
  },
});

/** The dial of one address of a path. */
export function reachOf(path: Path, address: string): Reach | undefined {
  return path.reaches.find((reach) => reach.address === address);
}

/** Whether an address answers for the name as the service would: TCP, and a certificate that is good for the name. */
export function answersProperly(reach: Reach | undefined): boolean {
  return reach?.tcp.outcome === "open" && reach.tls?.outcome === "established" && reach.tls.faults.length === 0;
}

/** Whether an address knows the online endpoint as little as one that serves other workspaces would: it answers 404 where the
 * private endpoint's own address answers otherwise. Their certificates are the same. */
function isStranger(path: Path, address: string): boolean {
  return (
    path.name.service === "inference" &&
    reachOf(path, address)?.http?.status === 404 &&
    path.name.expected.some(({ address: own }) => {
      const status = reachOf(path, own)?.http?.status;
      return own !== address && status !== undefined && status !== 404;
    })
  );
}

/** Whether a relation is a way in: the expected addresses; or private ones of an endpoint that we cannot read, when they
 * answer properly for the name. */
export function leadsIn(path: Path, relation: Relation, addresses: readonly string[]): boolean {
  return (
    relation === "expected" ||
    (relation === "other-private" &&
      addresses.length > 0 &&
      addresses.every((address) => answersProperly(reachOf(path, address)) && !isStranger(path, address)))
  );
}

/** The addresses that private endpoints have for the name. */
export function expectedAddresses(path: Path): string[] {
  return path.name.expected.map(({ address }) => address);
}

/** Whether the DNS server that this machine asks first leads in, whatever others answer. */
export function isServed(path: Path): boolean {
  const first = path.resolvers[0];
  return first !== undefined && leadsIn(path, first.relation, first.answer.addresses);
}
