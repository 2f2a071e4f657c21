import { startLab, type Lab, type LabOptions } from "../lab/lab.ts";
import type { World } from "../lab/world.ts";
import { createDns } from "../net/dns.ts";
import type { Surroundings } from "./surroundings.ts";

/** Everything is on loopback: what has not answered by then never will. */
const timeouts = { armMs: 15_000, dnsMs: 1000, connectMs: 1500, kubernetesMs: 3000 };

/** Variables by which the identity library would find another identity than the world's. */
const foreignIdentity = [
  "IDENTITY_ENDPOINT",
  "IDENTITY_HEADER",
  "IMDS_ENDPOINT",
  "MSI_ENDPOINT",
  "MSI_SECRET",
  "AZURE_FEDERATED_TOKEN_FILE",
  "AZURE_CLIENT_CERTIFICATE_PATH",
];

/** A lab for this world, and the machine that the world's vantage describes. `ca` is the text of the `--ca` file; shorter
 * waits than the usual ones, and a lab that misbehaves, are for tests. */
export async function labSurroundings(
  world: World,
  ca: string | undefined,
  waits: Surroundings["timeouts"] = timeouts,
  options: LabOptions = {},
): Promise<Surroundings & { readonly lab: Lab }> {
  const lab = await startLab(world, options);
  const leave = enterEnvironment(lab.environment);
  const { vantage, identity } = world;
  return {
    lab,
    machineName: vantage.name,
    platform: "linux",
    environment: vantage.environment,
    route: (address, port, transport) => lab.route(address, port, transport),
    authorities: [lab.certificateAuthority, ...(ca === undefined ? [] : [ca])],
    resourceManager: lab.armEndpoint,
    signIn: {
      ...(identity.kind === "managedIdentity"
        ? { kind: "managed-identity" as const }
        : {
            kind: "client-secret" as const,
            tenantId: identity.tenantId,
            clientSecret: lab.environment["AZURE_CLIENT_SECRET"],
          }),
      clientId: identity.clientId,
      authorityHost: lab.authorityHost,
      disableInstanceDiscovery: true,
    },
    timeouts: waits,
    readFile: async (path) => {
      const text = filesOf(world)[path];
      if (text === undefined) throw Object.assign(new Error(`no such file in the world: ${path}`), { code: "ENOENT" });
      return text;
    },
    kubeconfig: async (cluster) => {
      const text = lab.kubeconfig(cluster);
      return text === undefined ? undefined : { text };
    },
    interfaces: () => ({ eth0: vantage.addresses.map(interfaceInfo) }),
    lookup: (name) => lookUp(name, world, lab.route, waits.dnsMs),
    close: async () => {
      leave();
      await lab.close();
    },
  };
}

/** Points the identity library at the lab: it takes the address of the metadata service from the process alone. Gives the
 * way back. */
function enterEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  for (const name of foreignIdentity) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, variables);
  return () => {
    for (const name of Object.keys(variables)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
  };
}

function filesOf({ vantage }: World): Readonly<Record<string, string>> {
  return {
    "/etc/resolv.conf": vantage.resolvers.map((resolver) => `nameserver ${resolver}\n`).join(""),
    "/etc/hosts": Object.entries(vantage.hostsFile)
      .map(([name, address]) => `${address} ${name}\n`)
      .join(""),
  };
}

function interfaceInfo(
  address: string,
): ReturnType<Surroundings["interfaces"]>[string] extends readonly (infer Info)[] | undefined ? Info : never {
  const shared = { address, mac: "00:0d:3a:00:00:01", internal: false };
  return address.includes(":")
    ? { ...shared, netmask: "ffff:ffff:ffff:ffff::", family: "IPv6", cidr: `${address}/64`, scopeid: 0 }
    : { ...shared, netmask: "255.255.255.0", family: "IPv4", cidr: `${address}/24` };
}

/** What getaddrinfo does: the hosts file, then the first resolver that gives an answer. */
async function lookUp(
  name: string,
  { vantage }: World,
  route: Surroundings["route"],
  timeoutMs: number,
): Promise<readonly string[]> {
  const wanted = name.toLowerCase().replace(/\.$/, "");
  const entry = Object.entries(vantage.hostsFile).find(([host]) => host.toLowerCase() === wanted);
  if (entry !== undefined) return [entry[1]];
  // The lab's own Resource Manager; every machine has this name, whatever its servers say.
  if (wanted === "localhost") return ["127.0.0.1"];
  const dns = createDns({
    route,
    timeoutMs,
    signal: AbortSignal.timeout(4 * timeoutMs),
    count: () => undefined,
  });
  for (const server of vantage.resolvers) {
    const answer = await dns.query({ name, type: "A", server });
    if (answer.outcome !== "answered" || answer.rcode === "SERVFAIL" || answer.rcode === "REFUSED") continue;
    if (answer.addresses.length > 0) return answer.addresses;
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" });
  }
  throw Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), { code: "EAI_AGAIN" });
}
