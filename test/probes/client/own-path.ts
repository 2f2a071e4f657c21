import { absent, seen } from "../../../src/model/observation.ts";
import type { Reach } from "../../../src/model/ports.ts";
import type { SignIn } from "../../../src/model/sign-in.ts";
import type { ManagementHost, OwnPath } from "../../../src/facts/own-path.ts";

export const tenant = "00000000-0000-4000-8000-00000000aaaa";
export const oid = "00000000-0000-4000-8000-00000000bbbb";
export const machine = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-jump";

/** A sign-in that worked, with changes. */
export function signIn(changes: Partial<SignIn> = {}): SignIn {
  return {
    way: "default",
    resourceManager: "https://management.azure.com",
    authority: "https://login.microsoftonline.com",
    refusals: [],
    heard: [],
    ...changes,
  };
}

/** The tool's own path, with changes. */
export function path(changes: Partial<OwnPath> = {}): OwnPath {
  return { signIn: signIn(), hosts: [], ...changes };
}

/** A failed sign-in. */
export function failed(
  kind: "no-credential" | "refused" | "unreachable" | "timed-out",
  message: string,
  more: Partial<SignIn> = {},
  code = /AADSTS\d+/.exec(message)?.[0],
): OwnPath {
  const failure = { kind, message, ...(code === undefined ? {} : { code }) };
  return path({ trouble: "no-token", signIn: signIn({ failure, ...more }) });
}

/** How a host of the management plane was met. */
export function host(role: ManagementHost["role"], changes: Partial<ManagementHost> = {}): ManagementHost {
  const name = role === "authority" ? "login.microsoftonline.com" : "management.azure.com";
  return { role, name, port: 443, addresses: ["20.0.0.1"], reaches: [], answered: false, ...changes };
}

/** A dial of a host: TCP, then the TLS outcome with its faults and issuer. */
export function reach(
  tcp: Reach["tcp"]["outcome"],
  tls?: {
    outcome?: NonNullable<Reach["tls"]>["outcome"];
    faults?: NonNullable<Reach["tls"]>["faults"];
    issuer?: string;
  },
): Reach {
  const leaf = {
    subject: "CN=management.azure.com",
    issuer: tls?.issuer ?? "CN=Microsoft Azure RSA TLS Issuing CA 04",
    names: ["management.azure.com"],
    notBefore: "2026-01-01T00:00:00.000Z",
    notAfter: "2026-12-31T00:00:00.000Z",
    fingerprint256: "AA",
    selfSigned: false,
  };
  return {
    address: "20.0.0.1",
    port: 443,
    host: "management.azure.com",
    tcp: { outcome: tcp, durationMs: 1 },
    ...(tls === undefined
      ? {}
      : {
          tls: { outcome: tls.outcome ?? "established", faults: tls.faults ?? [], chain: [leaf], durationMs: 1 },
          ...(tls.outcome === undefined
            ? { http: { outcome: "answered" as const, status: 400, headers: {}, body: "", durationMs: 1 } }
            : {}),
        }),
  };
}

/** The facts that the probes of the own path need. */
export function facts(
  own: OwnPath,
  more: { vm?: boolean; azEnvironment?: string; proxy?: Record<string, string> } = {},
) {
  const { vm = false, azEnvironment = "AzurePublicCloud", proxy = {} } = more;
  return {
    ownPath: own,
    target: {
      subscriptionId: "s",
      workspaceId: `/subscriptions/s/resourceGroups/rg/providers/p/workspaces/w`,
      cloud: "AzureCloud",
    },
    vantage: {
      name: "vm-jump",
      proxyEnvironment: proxy,
      instance: vm ? seen({ resourceId: machine, azEnvironment }) : absent,
      interfaces: absent,
    },
  };
}
