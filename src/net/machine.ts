import type { NetworkInterfaceInfo } from "node:os";
import { inAnyPrefix } from "../model/address.ts";
import { absent, gapAt, seen, type Observation } from "../model/observation.ts";
import type { MachinePort, ResolverConfiguration } from "../model/ports.ts";
import { cleanLine, errorCode } from "./clean-text.ts";
import { parseHostsFile } from "./hosts-file.ts";
import { readInstanceMetadata } from "./instance-metadata.ts";
import { maskedProxyEnvironment, type Environment } from "./proxy-environment.ts";
import { isStub, parseResolvConf } from "./resolv-conf.ts";
import type { Route } from "./route.ts";
import { parseWindowsResolvers, windowsResolverScript } from "./windows-resolvers.ts";
import { within } from "./within.ts";

/** What is known of this machine comes through these; nothing is read behind their back. */
export interface MachineOptions {
  readonly name: string;
  readonly environment: Environment;
  /** `process.platform`. */
  readonly platform: string;
  readFile(path: string): Promise<string>;
  /** Runs a program and gives its standard output; needed on Windows only. */
  run?(program: string, programArguments: readonly string[]): Promise<string>;
  /** `os.networkInterfaces`. */
  interfaces(): Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  readonly route: Route;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** `http://169.254.169.254` when absent. */
  readonly imdsEndpoint?: string;
}

const systemFile = "/etc/resolv.conf";
const upstreamFile = "/run/systemd/resolve/resolv.conf";

/** The metadata service is a hop away: who has not answered by then, on a busy machine too, is not there. */
const metadataTimeoutMs = 2000;

/** PowerShell on a small machine takes seconds to load what the first question needs. */
const powershellMs = 15_000;

const linkLocal = ["169.254.0.0/16", "fe80::/10", "127.0.0.0/8", "::1/128"];

/** This machine: its addresses, resolvers, hosts file, and what Azure says of it. */
export function createMachine(options: MachineOptions): MachinePort {
  const signal = options.signal ?? new AbortController().signal;
  return {
    name: options.name,
    addresses: () => ownAddresses(options),
    resolvers: () =>
      options.platform === "win32" ? windowsResolvers(options, signal) : fileResolvers(options, signal),
    hostsFile: async () => {
      const file = await readText(
        options,
        signal,
        options.platform === "win32" ? `${system32(options)}\\drivers\\etc\\hosts` : "/etc/hosts",
      );
      return file.is === "value" ? seen(parseHostsFile(file.value)) : file;
    },
    instanceMetadata: () =>
      readInstanceMetadata(options.imdsEndpoint ?? "http://169.254.169.254", options.route, {
        timeoutMs: Math.min(options.timeoutMs, metadataTimeoutMs),
        signal,
      }),
    proxyEnvironment: maskedProxyEnvironment(options.environment),
  };
}

function system32({ environment }: MachineOptions): string {
  return `${environment["SystemRoot"] ?? environment["SYSTEMROOT"] ?? "C:\\Windows"}\\System32`;
}

function ownAddresses(options: MachineOptions): string[] {
  try {
    const all = Object.values(options.interfaces()).flatMap((each) => each ?? []);
    return [
      ...new Set(
        all.filter((entry) => !entry.internal && !inAnyPrefix(entry.address, linkLocal)).map((entry) => entry.address),
      ),
    ];
  } catch {
    // Some sandboxes forbid the question; a machine without known addresses is still a vantage.
    return [];
  }
}

async function fileResolvers(
  options: MachineOptions,
  signal: AbortSignal,
): Promise<Observation<ResolverConfiguration>> {
  const file = await readText(options, signal, systemFile);
  if (file.is !== "value") return file;
  const configured = parseResolvConf(file.value);
  if (isStub(configured.servers)) {
    const upstream = await readText(options, signal, upstreamFile);
    const real = upstream.is === "value" ? parseResolvConf(upstream.value) : undefined;
    if (real !== undefined && real.servers.length > 0) {
      return seen({
        servers: real.servers,
        search: real.search.length > 0 ? real.search : configured.search,
        source: upstreamFile,
      });
    }
  }
  // resolv.conf(5): without a nameserver, the one on this machine is asked.
  const servers = configured.servers.length > 0 ? configured.servers : ["127.0.0.1"];
  return seen({ servers, search: configured.search, source: systemFile });
}

async function windowsResolvers(
  options: MachineOptions,
  signal: AbortSignal,
): Promise<Observation<ResolverConfiguration>> {
  const source = "Get-DnsClientServerAddress";
  const { run } = options;
  if (run === undefined) return gapAt(source, { gap: "not-collected", why: "excluded" });
  const output = await attempt(
    source,
    { ...options, timeoutMs: Math.max(options.timeoutMs, powershellMs) },
    signal,
    // By its whole path: Windows would look into the current folder first.
    () =>
      run(`${system32(options)}\\WindowsPowerShell\\v1.0\\powershell.exe`, [
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        windowsResolverScript,
      ]),
  );
  if (output.is === "absent")
    return gapAt(source, { gap: "error", code: "ENOENT", message: "powershell.exe was not found" });
  if (output.is === "gap") return output;
  const found = parseWindowsResolvers(output.value);
  if (found === undefined)
    return gapAt(source, { gap: "error", code: "UNREADABLE", message: "the output is not the list of adapters" });
  const { servers, rules } = found;
  return seen({ servers, search: [], source, ...(rules.length === 0 ? {} : { rules }) });
}

function readText(options: MachineOptions, signal: AbortSignal, path: string): Promise<Observation<string>> {
  return attempt(path, options, signal, () => options.readFile(path));
}

/** A file or program of this machine may hang as anything may, on a dead network drive for one. ENOENT is `absent`. */
function attempt(
  at: string,
  options: MachineOptions,
  signal: AbortSignal,
  read: () => Promise<string>,
): Promise<Observation<string>> {
  return within<Observation<string>>(
    { timeoutMs: options.timeoutMs, signal },
    () => gapAt(at, { gap: "timed-out", afterMs: options.timeoutMs }),
    (settle) => {
      Promise.resolve()
        .then(read)
        .then(
          (text) => {
            settle(seen(text));
          },
          (error: unknown) => {
            const code = errorCode(error);
            const message = error instanceof Error ? cleanLine(error.message, 200) : code;
            settle(code === "ENOENT" ? absent : gapAt(at, { gap: "error", code, message }));
          },
        );
      return () => undefined;
    },
  );
}
