import { execFileSync } from "node:child_process";
import { promises as systemDns } from "node:dns";
import { writeFileSync } from "node:fs";
import { createDns } from "../../src/net/dns.ts";
import { directRoute } from "../../src/net/route.ts";
import type { DnsAnswer, DnsPort } from "../../src/model/ports.ts";
import type { Report } from "../../src/model/report.ts";
import type { World } from "../../src/lab/world.ts";
import { publicDns } from "../worlds/edit.ts";
import { diagnoseWorld } from "../worlds/diagnose.ts";
import { isServed, situations, worldOf, type Situation } from "./situations.ts";

/** What one situation came to with the lab's servers and with the real ones. */
export interface Comparison {
  readonly story: string;
  readonly server: Situation["server"];
  readonly resolver: string;
  readonly lab: Seen;
  readonly real: Seen;
}

interface Seen {
  readonly verdict: string;
  /** Root causes with their subjects. */
  readonly roots: readonly string[];
  /** Failing findings about DNS and the hosts file. */
  readonly findings: readonly string[];
  readonly unknown: readonly string[];
  /** How the configured resolver answered for the endpoint's name. */
  readonly answers: readonly string[];
}

/** The one public address of the real servers lies in a documentation range, which no estate has. */
const documentationAddress = "203.0.113.20";
/** This machine starts some thirty servers. */
const waits = { armMs: 20_000, dnsMs: 1000, connectMs: 1500, kubernetesMs: 3000 };
const [networkScript = "", ...wanted] = process.argv.slice(2);

for (const situation of situations.filter(({ story }) => wanted.length === 0 || wanted.includes(story))) {
  const world = worldOf(situation);
  enter(situation, world);
  const lab = await judge(world, (dns) => dns);
  const real = await judge(world, (dns) => realServers(dns));
  const { story, server, resolver } = situation;
  process.stdout.write(`${JSON.stringify({ story, server, resolver, lab, real } satisfies Comparison)}\n`);
}

/** Makes this machine the one that the world describes: its network, its resolver and its hosts file. */
function enter({ network, resolver }: Situation, { vantage }: World): void {
  execFileSync(networkScript, [String(network)]);
  writeFileSync("/etc/resolv.conf", `nameserver ${resolver}\noptions timeout:1 attempts:1\n`);
  const overrides = Object.entries(vantage.hostsFile).map(([name, address]) => `${address} ${name}\n`);
  writeFileSync("/etc/hosts", `127.0.0.1 localhost\n${overrides.join("")}`);
}

async function judge(world: World, over: (dns: DnsPort) => DnsPort): Promise<Seen> {
  const answers: string[] = [];
  const report = await diagnoseWorld(world, {
    deadlineMs: 90_000,
    waits,
    dns: (dns) => noted(over(dns), world, answers),
  });
  return {
    verdict: report.verdict,
    roots: report.rootCauses.map(({ id, subject }) => `${id} on ${subject}`).sort(),
    findings: report.findings
      .filter(isAboutNames)
      .map(({ id, subject }) => `${id} on ${subject}`)
      .sort(),
    unknown: report.unknowns
      .filter(({ matters }) => matters)
      .map(({ probe, subject }) => `${probe}: ${subject}`)
      .sort(),
    answers: [...new Set(answers)].sort(),
  };
}

function isAboutNames({ probe, status }: Report["findings"][number]): boolean {
  return status === "fail" && (probe.startsWith("dns/") || probe === "client/hosts-file");
}

/** The real servers for the names that they know, the lab's for all others. */
function realServers(lab: DnsPort): DnsPort {
  const real = createDns({
    route: directRoute,
    timeoutMs: 1500,
    signal: AbortSignal.timeout(60_000),
    count: () => undefined,
    lookup: async (name) => (await systemDns.lookup(name, { all: true })).map(({ address }) => address),
  });
  const inWorld = async (name: string, addresses: readonly string[]): Promise<string[]> =>
    addresses.includes(documentationAddress)
      ? [...(await lab.query({ name, type: "A", server: publicDns })).addresses]
      : [...addresses];
  return {
    async query(question) {
      if (!isServed(question.name)) return lab.query(question);
      const answer = await real.query(question);
      return { ...answer, addresses: await inWorld(question.name, answer.addresses) };
    },
    async lookup(name) {
      if (!isServed(name)) return lab.lookup(name);
      const answer = await real.lookup(name);
      return { ...answer, addresses: await inWorld(name, answer.addresses) };
    },
  };
}

function noted(dns: DnsPort, { vantage }: World, answers: string[]): DnsPort {
  return {
    lookup: (name) => dns.lookup(name),
    async query(question) {
      const answer = await dns.query(question);
      const isFirst = question.server.startsWith(vantage.resolvers[0] ?? "");
      if (isFirst && /^ep(?:big)?\.eastus/.test(question.name)) answers.push(inWords(answer));
      return answer;
    },
  };
}

function inWords({ outcome, rcode, addresses, transport }: DnsAnswer): string {
  const [first] = addresses;
  const shown = addresses.length > 1 ? `${addresses.length} addresses` : (first ?? "no address");
  return outcome === "answered" ? `${rcode ?? ""} ${shown} over ${transport}` : `${outcome} over ${transport}`;
}
