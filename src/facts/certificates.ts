import type { Reach } from "../model/ports.ts";
import type { Service } from "./name.ts";

/** What answers to a name: names of one kind may share a front end, and with it a mistake in its certificate. */
export function kindOf(service: Service): string {
  const shared: Partial<Record<Service, string>> = {
    "workspace-cert": "workspace-api",
    file: "blob",
    queue: "blob",
    table: "blob",
    dfs: "blob",
    "registry-data": "registry",
  };
  return shared[service] ?? service;
}

/** Whether an authority is Microsoft's own or one that signs for it: an unknown one is then missing in the trust store. */
export function isOfService(issuer: string): boolean {
  return /\b(?:microsoft|digicert)\b/i.test(issuer);
}

/** Whether a certificate is made out for the name that was called, and is wrong in its authority alone. */
export function isMadeOut({ tls }: Reach): boolean {
  const faults = tls?.faults ?? [];
  return (
    tls?.chain[0] !== undefined && faults.every((fault) => fault === "untrusted-issuer" || fault === "self-signed")
  );
}
