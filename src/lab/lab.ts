import { isIP } from "node:net";
import type { ArmRequest } from "./arm-server.ts";
import { createAuthority } from "./certificates.ts";
import { startControlPlane, type ControlPlaneOptions } from "./control-plane.ts";
import { startDnsServers } from "./dns-server.ts";
import { startEndpoints } from "./endpoints.ts";
import { holdWorld } from "./held-world.ts";
import { startImdsServer, type Identities } from "./imds-server.ts";
import { startKubernetesServers } from "./kubernetes-server.ts";
import { startProxy } from "./proxy.ts";
import type { World } from "./world.ts";

/** A place on loopback. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** How the lab behaves where Azure leaves a choice; each has a default. */
export interface LabOptions extends Partial<ControlPlaneOptions> {
  readonly identities?: Identities;
  /** Who signs the certificate of ARM and Entra ID: the corporate authority is that of an inspecting device. */
  readonly controlPlaneIssuer?: "public-ca" | "corporate-ca";
}

/** A world, served over real sockets on loopback. */
export interface Lab {
  /** As it is now: a writable lab's changes with every write. Its DNS servers and endpoints show the changes in a lab that
   * is started with it. */
  readonly world: World;
  /** `https://localhost:PORT`, without a trailing slash. */
  readonly armEndpoint: string;
  /** The same server: `https://localhost:PORT`. */
  readonly authorityHost: string;
  /** `http://127.0.0.1:PORT`. */
  readonly imdsEndpoint: string;
  /** PEM of the authority that clients are to trust: it signs ARM, Entra ID and the `public-ca` endpoints. */
  readonly certificateAuthority: string;
  /** PEM of the authority of the `corporate-ca` endpoints, which no default trust store has. */
  readonly corporateAuthority: string;
  /** What points a client at this lab. The trusted authority is not among it: that variable wants a file. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where a connection or query to an address of the world goes; a blackhole never answers. */
  route(address: string, port: number, transport: "udp" | "tcp"): Place | "blackhole";
  /** A kubeconfig for the cluster with this ARM id; undefined when the world has no such cluster. */
  kubeconfig(resourceId: string): string | undefined;
  /** The commands that were run in pods, in order, each as one line. */
  podCommands(): readonly string[];
  /** Requests that ARM got. */
  requests(): readonly ArmRequest[];
  /** Requests that changed something in ARM or, in a lab that is not writable, would have: those were refused. */
  writes(): number;
  dnsQueries(): number;
  /** The names that the DNS servers were asked for, in lower case, each once. */
  dnsQuestions(): readonly string[];
  connections(): ReturnType<Awaited<ReturnType<typeof startEndpoints>>["connections"]>;
  proxyConnects(): ReturnType<Awaited<ReturnType<typeof startProxy>>["connects"]>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const defaults = { pageSize: 100, pendingPolls: 0, tokenLifetimeSeconds: 3600, refuseSecret: false, writable: false };
const metadataAddress = "169.254.169.254";

/** Starts everything that a world describes. Several labs may run at once. Throws only when the system gives no socket. */
export async function startLab(world: World, options: LabOptions = {}): Promise<Lab> {
  const held = holdWorld(world);
  const [publicCa, corporateCa] = await Promise.all([
    createAuthority("aml-doctor lab public CA"),
    createAuthority("aml-doctor lab corporate CA"),
  ]);
  const opened: { close(): Promise<void> }[] = [];
  const opening = <T extends { close(): Promise<void> }>(part: T): T => {
    opened.push(part);
    return part;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((part) => part.close()));
  };
  try {
    // One after another, so that a part which fails leaves nothing behind that is still starting.
    const issuer = options.controlPlaneIssuer === "corporate-ca" ? corporateCa : publicCa;
    const controlPlane = opening(await startControlPlane(held, issuer, { ...defaults, ...options }));
    const dns = opening(await startDnsServers(world.dns));
    const endpoints = opening(await startEndpoints(world.network.endpoints, { publicCa, corporateCa }));
    const imds = opening(await startImdsServer(world, held.estate, controlPlane.tokens, options.identities));
    const kubernetes = opening(await startKubernetesServers(world.kubernetes.clusters, publicCa));
    const worldProxy = world.network.proxy ?? undefined;
    const proxy =
      worldProxy === undefined
        ? undefined
        : opening(await startProxy(worldProxy, (address, port) => endpoints.locate(address, port)));
    const locate = (address: string, port: number, transport: "udp" | "tcp"): Place | undefined => {
      const name = port === 53 ? dns.locate(address) : undefined;
      if (name !== undefined || transport === "udp") return name;
      if (address === metadataAddress && port === 80 && world.vantage.resourceId !== undefined)
        return { host: "127.0.0.1", port: imds.port };
      if (proxy !== undefined && worldProxy?.address === address && worldProxy.port === port)
        return { host: proxy.host, port: proxy.port };
      return endpoints.locate(address, port);
    };
    const imdsEndpoint = `http://127.0.0.1:${imds.port}`;
    return {
      get world() {
        return held.now;
      },
      armEndpoint: controlPlane.endpoint,
      authorityHost: controlPlane.endpoint,
      imdsEndpoint,
      certificateAuthority: publicCa.pem,
      corporateAuthority: corporateCa.pem,
      environment: clientEnvironment(world, controlPlane.endpoint, imdsEndpoint),
      // The world first: its resolver may be a stub on loopback.
      route: (address, port, transport) =>
        locate(address, port, transport) ?? (isLoopback(address) ? { host: address, port } : "blackhole"),
      kubeconfig: (resourceId) => kubernetes.kubeconfig(resourceId),
      podCommands: () => kubernetes.podCommands(),
      requests: controlPlane.requests,
      writes: controlPlane.writes,
      dnsQueries: () => dns.queryCount(),
      dnsQuestions: () => dns.questions(),
      connections: () => endpoints.connections(),
      proxyConnects: () => proxy?.connects() ?? [],
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The secret is made up: the lab takes any. */
function clientEnvironment(world: World, authorityHost: string, imdsEndpoint: string): Record<string, string> {
  const { kind, tenantId, clientId } = world.identity;
  const hosts = { AZURE_AUTHORITY_HOST: authorityHost, AZURE_POD_IDENTITY_AUTHORITY_HOST: imdsEndpoint };
  return kind === "servicePrincipal"
    ? { ...hosts, AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: "lab-secret" }
    : hosts;
}

function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}
