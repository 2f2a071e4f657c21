import type { Cloud } from "./cloud.ts";
import type { Observation } from "./observation.ts";
import type { PodCommand } from "./pod-commands.ts";
import type { ResolverRule } from "./resolver-rules.ts";
import type { SignInPort } from "./sign-in.ts";
import type { Target } from "./target.ts";

export type { Target };

/** A JSON value as it came off the wire; nothing about it is trusted. */
export type Json = unknown;

/** Reads from Azure Resource Manager. Never throws: what goes wrong is a gap. */
export interface ArmPort {
  /** GET of one resource by its id. A 404 is `absent`. */
  get(id: string, options: { apiVersion: string; query?: Record<string, string> }): Promise<Observation<Json>>;
  /** GET of a collection, all pages, each item once. A 404 is `absent`. */
  list(path: string, options: { apiVersion: string; query?: Record<string, string> }): Promise<Observation<Json[]>>;
  /** One of the named POST reads (see `postReads`), followed to its end when it is long-running. */
  read(path: string, options: { apiVersion: string; action: PostRead; body?: Json }): Promise<Observation<Json>>;
}

/** The only POSTs that the product sends to ARM. They read; none changes anything. */
export const postReads = ["diagnose", "getLogs", "effectiveRouteTable", "effectiveNetworkSecurityGroups"] as const;
export type PostRead = (typeof postReads)[number];

/** One resource record of a DNS answer; `data` is text: an address, a target name, or what the type shows. */
export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  readonly data: string;
}

/** What one server said to one question. A failing measurement is a value, not a gap. */
export interface DnsAnswer {
  /** The server as it was asked, `address` or `address:port` when the port is not 53. */
  readonly server: string;
  readonly name: string;
  readonly type: "A" | "AAAA" | "CNAME" | "SOA" | "TXT";
  readonly outcome:
    | "answered"
    /** Nothing came back within the deadline. */
    | "timeout"
    /** Nobody listens on that port. */
    | "refused"
    /** No route to the server. */
    | "unreachable"
    /** Something came back that is not a sound DNS message. */
    | "malformed";
  /** Set when answered: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`, … It is about the last name of the chain. */
  readonly rcode?: string;
  /** Names from the question to the last one, following CNAMEs in the answer; at least the question. */
  readonly chain: readonly string[];
  /** Addresses of the last name; empty when there is none. */
  readonly addresses: readonly string[];
  /** Smallest TTL of the records used; the SOA's negative TTL for negative answers. */
  readonly ttlSeconds?: number;
  /** Zone and primary server of the SOA in the authority section: which zone denied the name. */
  readonly soa?: { readonly zone: string; readonly primary: string; readonly minimumSeconds: number };
  readonly authoritative?: boolean;
  readonly transport: "udp" | "tcp";
  readonly durationMs: number;
  /** A short technical reason for outcomes other than `answered`. */
  readonly detail?: string;
}

/** What the operating system's own resolver (hosts file, search list, caches) says. */
export interface SystemAnswer {
  readonly name: string;
  readonly addresses: readonly string[];
  /** `ENOTFOUND`, `EAI_AGAIN`, `timeout`, …; absent when there are addresses. */
  readonly error?: string;
}

/** DNS. Never throws. */
export interface DnsPort {
  query(question: {
    name: string;
    type: DnsAnswer["type"];
    /** `address`, `address:port` or `[v6]:port`. */
    server: string;
  }): Promise<DnsAnswer>;
  /** The system's `getaddrinfo`. */
  lookup(name: string): Promise<SystemAnswer>;
}

/** One certificate as it was presented. All text is hostile. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** Subject alternative names of type DNS and IP, without prefixes. */
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly fingerprint256: string;
  readonly selfSigned: boolean;
}

export type TlsFault =
  | "name-mismatch"
  | "expired"
  | "not-yet-valid"
  | "self-signed"
  /** The chain ends in an authority that is not trusted here, or an intermediate is missing. */
  | "untrusted-issuer";

/** The stages of reaching an address, each measured by itself. A stage is absent when an earlier one failed. */
export interface Reach {
  readonly address: string;
  readonly port: number;
  /** The name sent as SNI and Host. */
  readonly host: string;
  readonly tcp: {
    readonly outcome: "open" | "refused" | "timeout" | "reset" | "unreachable";
    readonly code?: string;
    readonly durationMs: number;
  };
  readonly tls?: {
    readonly outcome: "established" | "timeout" | "reset" | "failed";
    /** Everything that is wrong with the certificate; empty when it is sound. Judged even when `established`. */
    readonly faults: readonly TlsFault[];
    /** Leaf first. */
    readonly chain: readonly Certificate[];
    readonly protocol?: string;
    readonly code?: string;
    readonly durationMs: number;
  };
  readonly http?: {
    readonly outcome: "answered" | "timeout" | "reset" | "failed";
    readonly status?: number;
    /** Lower-case names; only headers on the diagnostic allow-list. */
    readonly headers: Readonly<Record<string, string>>;
    /** The beginning of the body, cut and without control characters; empty for binary bodies. */
    readonly body: string;
    readonly code?: string;
    readonly durationMs: number;
  };
}

/** What CONNECT through the configured proxy met. */
export interface ProxyReach {
  readonly proxy: string;
  readonly host: string;
  readonly port: number;
  readonly outcome: "tunnel" | "refused" | "timeout" | "failed";
  /** The proxy's status when it refused. */
  readonly status?: number;
  readonly reach?: Pick<Reach, "tls" | "http">;
  readonly code?: string;
}

export interface HttpAsk {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** TCP, TLS and HTTP. Never throws. Certificates are judged, not required: the HTTP stage runs with a faulty one only
 * when the request carries no secret. */
export interface NetPort {
  /** Dials one address: TCP, then TLS with `host` as SNI unless `plain`, then HTTP when `http` is given. */
  reach(target: { address: string; port: number; host: string; plain?: boolean; http?: HttpAsk }): Promise<Reach>;
  /** Whether the environment sends requests for `host` through a proxy, and through which (`http://10.0.0.5:3128`). */
  proxyFor(host: string): string | undefined;
  /** The same request through that proxy; the proxy resolves the name. */
  reachThroughProxy(target: { proxy: string; host: string; port: number; http?: HttpAsk }): Promise<ProxyReach>;
}

/** A resolver of this machine's configuration. */
export interface ResolverConfiguration {
  /** `address` or `address:port`, in the order in which they are asked. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  /** Where it was read: `/etc/resolv.conf`, `Get-DnsClientServerAddress`, … */
  readonly source: string;
  /** Names that are asked elsewhere; absent when there are none. */
  readonly rules?: readonly ResolverRule[];
}

/** What Azure's instance metadata service says of this machine. */
export interface InstanceMetadata {
  readonly resourceId: string;
  readonly name: string;
  readonly location: string;
  readonly subscriptionId: string;
  readonly azEnvironment?: string;
  /** Private addresses of its interfaces. */
  readonly addresses: readonly string[];
}

/** This machine. Never throws. */
export interface MachinePort {
  readonly name: string;
  /** Addresses of the machine's own interfaces, loopback and link-local left out. */
  addresses(): readonly string[];
  resolvers(): Promise<Observation<ResolverConfiguration>>;
  /** Name (lower case) to addresses. */
  hostsFile(): Promise<Observation<Readonly<Record<string, readonly string[]>>>>;
  /** `absent`: no metadata service answers, so this is no Azure VM. */
  instanceMetadata(): Promise<Observation<InstanceMetadata>>;
  /** Proxy variables as they are set; credentials in them are masked. */
  readonly proxyEnvironment: Readonly<Record<string, string>>;
}

/** A Kubernetes API server, reached through a cluster's own credentials. Never throws. */
export interface KubernetesPort {
  list(
    cluster: string,
    resource: { apiVersion: string; kind: string; namespace?: string },
  ): Promise<Observation<Json[]>>;
  logs(
    cluster: string,
    pod: { namespace: string; pod: string; container?: string; tailLines: number },
  ): Promise<Observation<string>>;
  /** Runs one of the named commands in a container; a program that the container does not have ends with 127. */
  exec(
    cluster: string,
    pod: { namespace: string; pod: string; container?: string; command: PodCommand },
  ): Promise<Observation<{ stdout: string; stderr: string; exitCode: number }>>;
}

/** Everything a fact may use to look. */
export interface Context {
  readonly arm: ArmPort;
  readonly dns: DnsPort;
  readonly net: NetPort;
  readonly machine: MachinePort;
  readonly kubernetes?: KubernetesPort;
  /** Whether commands may be run in the clusters' pods: the user said so (`--in-cluster`). */
  readonly inCluster?: boolean;
  readonly signIn?: SignInPort;
  readonly target: Target;
  readonly cloud: Cloud;
  /** The address (with port) of Azure's own DNS: 168.63.129.16 unless the user says otherwise. */
  readonly azureDns: string;
  /** The body to score with, when the user asked for it (`--score FILE`). */
  readonly score?: {
    readonly body: string;
    /** The whole `Authorization` header, when the user gave a key or token; it goes to the scoring address only. */
    readonly authorization?: string;
  };
  /** Aborted when the run's deadline has passed. */
  readonly signal: AbortSignal;
}
