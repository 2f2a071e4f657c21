import * as z from "zod";
import { defineFact, raw } from "../model/fact.ts";
import { absent, seen, type Observation } from "../model/observation.ts";
import type { Context, Reach } from "../model/ports.ts";
import { signInSchema } from "../model/sign-in.ts";
import { proxySchema, reachSchema } from "./reaches.ts";
import { workspace } from "./workspace.ts";

const host = z.object({
  /** What it is for: Azure Resource Manager or the sign-in service. */
  role: z.enum(["resource-manager", "authority"]),
  name: z.string(),
  port: z.number(),
  /** What the operating system's resolver says; empty addresses with an error code. */
  addresses: z.array(z.string()),
  error: z.string().optional(),
  /** Directly, where no proxy is set for the name. */
  reaches: z.array(reachSchema),
  proxy: proxySchema.optional(),
  /** Whether it answered anything at all in this run, by then, with a certificate of its own. */
  answered: z.boolean(),
});
export type ManagementHost = z.infer<typeof host>;

const ownPathSchema = z.object({
  signIn: signInSchema,
  /** What the first look-up met; nothing else can be known of the estate then. Absent: Resource Manager answers. */
  trouble: z.enum(["unanswered", "no-token", "token-refused", "denied"]).optional(),
  /** The refused action and its scope. */
  denied: z.object({ action: z.string().optional(), scope: z.string().optional() }).optional(),
  /** The way to the two hosts; measured only when Resource Manager or the sign-in gave no answer. */
  hosts: z.array(host),
});
export type OwnPath = z.infer<typeof ownPathSchema>;

/** What one dial met may be a moment's bad luck; a second one after a silence must meet the same. */
const silent = (reach: Reach): boolean => reach.tcp.outcome === "timeout" || reach.tls?.outcome === "timeout";

/** A name may have many addresses; two tell a blocked way from one bad address. */
const mostAddresses = 2;

/** The addresses to dial, one of each family first: many machines have no way over IPv6, and programs take the other. */
function chosen(addresses: readonly string[]): string[] {
  const families = [false, true].map((isV6) => addresses.filter((address) => address.includes(":") === isV6));
  const first = families.flatMap(([address]) => address ?? []);
  return [...new Set([...first, ...addresses])].slice(0, mostAddresses);
}

/**
 * How the tool itself fared on its way to Azure: its sign-in, and whether Resource Manager answered about the workspace.
 * The journal of the sign-in costs nothing. Only after a failure are the two hosts looked up and dialled, with an anonymous
 * request each.
 */
export const ownPath = defineFact({
  key: "run/own-path",
  needs: { workspace: raw(workspace) },
  reads: [],
  schema: ownPathSchema,
  async collect({ workspace: looked }, context) {
    const { signIn } = context;
    if (signIn === undefined) return absent;
    const { failure, resourceManager, authority } = signIn.now();
    const trouble = troubleOf(looked, failure !== undefined);
    const measured =
      trouble === undefined || trouble === "denied"
        ? []
        : await Promise.all([
            measure("resource-manager", resourceManager, context),
            measure("authority", authority, context),
          ]);
    const { heard } = signIn.now();
    const hosts = measured.map((each) => {
      const dialled = [...each.reaches, ...(each.proxy?.reach === undefined ? [] : [each.proxy.reach])];
      for (const reach of dialled) {
        if (reach.http?.status !== undefined && isOwn(reach)) signIn.hear(placeOf(each), reach.http.headers);
      }
      return { ...each, answered: heard.includes(placeOf(each)) || dialled.some(isGenuine) };
    });
    const denied = trouble === "denied" && looked.is === "gap" && looked.gap === "denied" ? looked : undefined;
    return seen({
      signIn: signIn.now(),
      hosts,
      ...(trouble === undefined ? {} : { trouble }),
      ...(denied === undefined
        ? {}
        : {
            denied: {
              ...(denied.action === undefined ? {} : { action: denied.action }),
              ...(denied.scope === undefined ? {} : { scope: denied.scope }),
            },
          }),
    });
  },
});

function troubleOf(looked: Observation<unknown>, notSignedIn: boolean): OwnPath["trouble"] {
  if (looked.is !== "gap" || looked.gap === "not-collected" || looked.gap === "throttled") return undefined;
  if (looked.gap === "denied" && looked.status === 403) return "denied";
  if (notSignedIn) return "no-token";
  if (looked.gap === "denied") return "token-refused";
  // An answer that is no resource: the service spoke, and what it said is the gap's own text.
  const spoke = looked.gap === "error" && looked.code !== "request-failed";
  return spoke ? undefined : "unanswered";
}

type Measured = Omit<ManagementHost, "answered">;

/** An answer over a certificate that is the host's own. */
function isGenuine({ tls, http }: Pick<Reach, "tls" | "http">): boolean {
  return http?.status !== undefined && tls?.faults.length === 0;
}

/** A certificate that is the host's own but for its dates, which this machine's clock may misjudge: whoever answers in
 * the host's place does not tell its time. */
function isOwn({ tls }: Pick<Reach, "tls">): boolean {
  return tls?.faults.every((fault) => fault === "expired" || fault === "not-yet-valid") === true;
}

/** A host as URLs write it. */
function placeOf({ name, port }: Measured): string {
  return port === 443 ? name : `${name}:${port}`;
}

async function measure(role: ManagementHost["role"], url: string, { dns, net }: Context): Promise<Measured> {
  const { hostname, port: given } = new URL(url);
  const port = given === "" ? 443 : Number(given);
  const http = { method: "GET" as const, path: "/" };
  const proxy = net.proxyFor(hostname);
  if (proxy !== undefined) {
    const through = await net.reachThroughProxy({ proxy, host: hostname, port, http });
    return { role, name: hostname, port, addresses: [], reaches: [], proxy: through };
  }
  const { addresses, error } = await dns.lookup(hostname);
  const reaches = await Promise.all(
    chosen(addresses).map(async (address) => {
      const dialled = { address, port, host: hostname, http };
      const first = await net.reach(dialled);
      return silent(first) ? net.reach(dialled) : first;
    }),
  );
  return { role, name: hostname, port, addresses: [...addresses], ...(error === undefined ? {} : { error }), reaches };
}
