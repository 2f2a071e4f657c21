import * as z from "zod";
import { absent, gapAt, seen, type Observation } from "../model/observation.ts";
import type { InstanceMetadata } from "../model/ports.ts";
import { isIP } from "node:net";
import { exchangeHttp, originOf } from "./http.ts";
import type { Route } from "./route.ts";
import { dialTcp } from "./tcp.ts";
import { abortedCode, type Limit } from "./within.ts";

/** https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service */
const path = "/metadata/instance?api-version=2021-02-01";
const at = "GET http://169.254.169.254/metadata/instance";

/** With tags and user data an answer may be long; it is not reported, so that only memory bounds it. */
const bodyBytes = 262_144;

const answer = z.object({
  compute: z.object({
    resourceId: z.string().startsWith("/subscriptions/"),
    name: z.string(),
    location: z.string(),
    subscriptionId: z.string(),
    azEnvironment: z.string().optional(),
  }),
  network: z
    .object({
      interface: z.array(
        z.object({ ipv4: z.object({ ipAddress: z.array(z.object({ privateIpAddress: z.string() })) }).optional() }),
      ),
    })
    .optional(),
});

/**
 * Asks the metadata service, directly: never through a proxy, which would answer for its own machine. `absent` when
 * nobody answers, or answers 404 as other clouds do. `endpoint` as `http://address:port`.
 */
export async function readInstanceMetadata(
  endpoint: string,
  route: Route,
  limit: Limit,
): Promise<Observation<InstanceMetadata>> {
  const place = parseEndpoint(endpoint);
  if (place === undefined)
    return gapAt(at, {
      gap: "error",
      code: "NOT_AN_ADDRESS",
      message: "the metadata endpoint is not http://address:port",
    });
  const timedOut = gapAt(at, { gap: "timed-out", afterMs: limit.timeoutMs });
  const dialled = await dialTcp(place, route, limit);
  if (dialled.outcome !== "open") return dialled.code === abortedCode ? timedOut : absent;
  try {
    const ask = { method: "GET", path, headers: { metadata: "true" } } as const;
    const http = await exchangeHttp(dialled.socket, originOf(place.address, place.port, false), ask, limit, bodyBytes);
    if (http.code === abortedCode) return timedOut;
    if (http.outcome === "timeout" || http.outcome === "reset" || http.status === 404) return absent;
    if (http.status !== 200)
      return gapAt(at, {
        gap: "error",
        code: http.status === undefined ? (http.code ?? "NO_ANSWER") : `HTTP_${http.status}`,
        message: "the metadata service did not answer as it should",
      });
    return parseMetadata(http.body);
  } finally {
    dialled.socket.destroy();
  }
}

function parseEndpoint(endpoint: string): { address: string; port: number } | undefined {
  try {
    const url = new URL(endpoint);
    const address = url.hostname.replace(/^\[(.*)\]$/, "$1");
    return url.protocol === "http:" && isIP(address) !== 0
      ? { address, port: url.port === "" ? 80 : Number(url.port) }
      : undefined;
  } catch {
    return undefined;
  }
}

function parseMetadata(body: string): Observation<InstanceMetadata> {
  try {
    const { compute, network } = answer.parse(JSON.parse(body));
    const { resourceId, name, location, subscriptionId, azEnvironment } = compute;
    const addresses = (network?.interface ?? [])
      .flatMap((each) => (each.ipv4?.ipAddress ?? []).map((address) => address.privateIpAddress))
      .filter((address) => isIP(address) !== 0);
    return seen({
      resourceId,
      name,
      location,
      subscriptionId,
      ...(azEnvironment === undefined ? {} : { azEnvironment }),
      addresses,
    });
  } catch {
    return gapAt(at, { gap: "error", code: "UNREADABLE", message: "the answer is not instance metadata" });
  }
}
