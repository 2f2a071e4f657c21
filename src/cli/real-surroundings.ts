import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir, hostname, networkInterfaces } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { Cloud } from "../model/cloud.ts";
import { directRoute } from "../net/route.ts";
import type { DiagnoseFlags } from "./flags.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Terminal } from "./terminal.ts";

const runFile = promisify(execFile);

/** The longest that a program of this machine may take to say how the machine is set up. */
const programMs = 15_000;
/** Signing in to a cluster talks to Entra ID. */
const signInMs = 20_000;

/** This machine and Azure. `ca` is the text of the `--ca` file. */
export function realSurroundings(
  flags: DiagnoseFlags,
  cloud: Cloud,
  ca: string | undefined,
  { environment }: Terminal,
): Surroundings {
  return {
    machineName: hostname(),
    platform: process.platform,
    environment,
    route: directRoute,
    authorities: ca === undefined ? [] : [ca],
    resourceManager: cloud.resourceManager,
    metadataService: environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"],
    signIn: {
      kind: flags.credential ?? "default",
      clientId: flags.clientId ?? environment["AZURE_CLIENT_ID"],
      tenantId: environment["AZURE_TENANT_ID"],
      authorityHost: authorityOf(environment["AZURE_AUTHORITY_HOST"], cloud),
    },
    timeouts: { armMs: 15_000, dnsMs: 3000, connectMs: 5000, kubernetesMs: 15_000 },
    readFile: (path) => readFile(path, "utf8"),
    run: async (program, programArguments) =>
      (await runFile(program, [...programArguments], { timeout: programMs, windowsHide: true })).stdout,
    signInToCluster: async (program, programArguments, own) =>
      (
        await runFile(program, [...programArguments], {
          timeout: signInMs,
          windowsHide: true,
          env: { ...process.env, ...own },
        })
      ).stdout,
    kubeconfig: async () => {
      const file =
        flags.kubeconfig ?? environment["KUBECONFIG"]?.split(delimiter)[0] ?? join(homedir(), ".kube", "config");
      const text = await readFile(file, "utf8").catch(() => undefined);
      return text === undefined
        ? undefined
        : { text, ...(flags.kubeContext === undefined ? {} : { context: flags.kubeContext }) };
    },
    interfaces: networkInterfaces,
    close: async () => undefined,
  };
}

/** The sign-in service of the environment as a URL without a trailing slash: some SDKs take a bare host, and the webhook of
 * workload identity writes a slash. What is no host counts as not set. */
export function authorityOf(text: string | undefined, cloud: Cloud): string {
  const named = text?.trim().replace(/\/+$/, "") ?? "";
  const url = named === "" || /^https?:\/\//i.test(named) ? named : `https://${named}`;
  return URL.canParse(url) ? url : cloud.authority;
}
