import { createArm } from "../azure/arm.ts";
import { createCredential } from "../azure/credential.ts";
import { createSignInJournal } from "../azure/sign-in-journal.ts";
import { createKubernetes } from "../kubernetes/kubernetes.ts";
import type { Cloud } from "../model/cloud.ts";
import { azureDnsAddress } from "../model/cloud.ts";
import type { Context, Target } from "../model/ports.ts";
import type { Report } from "../model/report.ts";
import { createDns } from "../net/dns.ts";
import { createLimiter } from "../net/limiter.ts";
import { createMachine } from "../net/machine.ts";
import { createNet } from "../net/net.ts";
import type { Log } from "./log.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a run is made of, beside its surroundings. */
export interface Wishes {
  readonly target: Target;
  readonly cloud: Cloud;
  readonly azureDns: string | undefined;
  /** The body to score with. */
  readonly score: string | undefined;
  /** The whole `Authorization` header to score with. A secret. */
  readonly scoreAuthorization?: string | undefined;
  /** Whether commands may be run in pods (`--in-cluster`). */
  readonly inCluster?: boolean | undefined;
  /** Ends the run: its deadline, or an interruption. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** What a run counts while it goes. */
export type Stats = { -readonly [K in keyof Report["stats"]]: Report["stats"][K] };

/** A model that scores may think for longer than a handshake may take. */
const scoreMs = 60_000;
/** Sockets and questions at once, so that a small machine's measurements do not disturb each other. */
const concurrency = 24;

/** The composition root: the ports over real sockets, as a run's facts use them. */
export function compose(around: Surroundings, wishes: Wishes): { context: Context; stats: Stats } {
  const { signal, score, scoreAuthorization: authorization } = wishes;
  const stats: Stats = { armRequests: 0, dnsQueries: 0, connections: 0, retries: 0, cacheHits: 0 };
  const { route, environment, timeouts } = around;
  const lookup = around.lookup === undefined ? {} : { lookup: around.lookup };
  const net = createNet({
    route,
    ca: around.authorities,
    timeoutMs: timeouts.connectMs,
    ...(score === undefined ? {} : { httpTimeoutMs: scoreMs }),
    signal,
    limiter: createLimiter(concurrency),
    count: () => void (stats.connections += 1),
    environment,
    ...lookup,
  });
  const ca = around.authorities.length === 0 ? undefined : around.authorities.join("\n");
  const proxyFor = (host: string) => net.proxyFor(host);
  const journal = createSignInJournal({
    way: around.signIn.kind,
    clientId: around.signIn.clientId,
    tenantId: around.signIn.tenantId,
    resourceManager: around.resourceManager,
    authority: around.signIn.authorityHost ?? wishes.cloud.authority,
  });
  const credential = createCredential({
    ...around.signIn,
    ca,
    proxyFor,
    signal,
    deadlineMs: timeouts.armMs,
    journal,
  });
  const arm = createArm({
    endpoint: around.resourceManager,
    credential,
    ca,
    proxyFor,
    signal,
    requestTimeoutMs: timeouts.armMs,
    stats,
    log: wishes.log,
    journal,
  });
  const dns = createDns({
    route,
    timeoutMs: timeouts.dnsMs,
    signal,
    limiter: createLimiter(concurrency),
    count: () => void (stats.dnsQueries += 1),
    ...lookup,
  });
  const machine = createMachine({
    name: around.machineName,
    environment,
    platform: around.platform,
    readFile: around.readFile,
    ...(around.run === undefined ? {} : { run: around.run }),
    ...(around.metadataService === undefined ? {} : { imdsEndpoint: around.metadataService }),
    interfaces: around.interfaces,
    route,
    timeoutMs: timeouts.connectMs,
    signal,
  });
  const kubernetes = createKubernetes({
    kubeconfig: (cluster) => around.kubeconfig(cluster),
    readFile: (path) => around.readFile(path),
    run: (program, programArguments, own) =>
      around.signInToCluster?.(program, programArguments, own) ?? Promise.reject(new Error("no programs run here")),
    timeoutMs: timeouts.kubernetesMs,
    signal,
  });
  return {
    stats,
    context: {
      arm,
      dns,
      net,
      machine,
      kubernetes,
      inCluster: wishes.inCluster === true,
      signIn: journal,
      target: wishes.target,
      cloud: wishes.cloud,
      azureDns: wishes.azureDns ?? azureDnsAddress,
      ...(score === undefined
        ? {}
        : { score: { body: score, ...(authorization === undefined ? {} : { authorization }) } }),
      signal,
    },
  };
}
