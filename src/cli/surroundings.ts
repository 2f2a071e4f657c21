import type { NetworkInterfaceInfo } from "node:os";
import type { CredentialOptions } from "../azure/credential.ts";
import type { Kubeconfig } from "../kubernetes/kubernetes.ts";
import type { Route } from "../net/route.ts";

/** Where a run takes place: on this machine against Azure, or on the made-up machine of a world against a lab. Nothing
 * else tells the two apart. */
export interface Surroundings {
  readonly machineName: string;
  /** `process.platform` of the machine that is looked at. */
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly route: Route;
  /** PEM of authorities that are trusted beside the default ones. */
  readonly authorities: readonly string[];
  /** Azure Resource Manager, without a trailing slash. */
  readonly resourceManager: string;
  /** Where the metadata service stands instead of its usual address (`http://host:port`). */
  readonly metadataService?: string | undefined;
  readonly signIn: Pick<
    CredentialOptions,
    "kind" | "clientId" | "tenantId" | "clientSecret" | "authorityHost" | "disableInstanceDiscovery"
  >;
  /** Milliseconds: for a request to Azure, with its retries; for a question to a DNS server; for each of connecting, TLS
   * and HTTP; for a request to a cluster. */
  readonly timeouts: {
    readonly armMs: number;
    readonly dnsMs: number;
    readonly connectMs: number;
    readonly kubernetesMs: number;
  };
  readFile(path: string): Promise<string>;
  run?(program: string, programArguments: readonly string[]): Promise<string>;
  /** Runs a cluster's sign-in program (kubelogin) with these variables beside the machine's own. */
  signInToCluster?(
    program: string,
    programArguments: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** The kubeconfig for the cluster with this ARM id; undefined when there is none. */
  kubeconfig(cluster: string): Promise<Kubeconfig | undefined>;
  interfaces(): Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  /** The machine's own resolver; that of the operating system when absent. */
  lookup?(name: string): Promise<readonly string[]>;
  close(): Promise<void>;
}
