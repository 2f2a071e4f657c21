import { describe, expect, it } from "vitest";
import { compose } from "../../src/cli/compose.ts";
import { neededActions } from "../../src/cli/arm-actions.ts";
import { contactsOf, type Contacts } from "../../src/cli/contacts/contacts.ts";
import { clusterHost } from "../../src/cli/contacts/name-patterns.ts";
import { roleDefinition } from "../../src/cli/role-definition.ts";
import type { Surroundings } from "../../src/cli/surroundings.ts";
import { loadProbes } from "../../src/engine/registry.ts";
import { clouds } from "../../src/model/cloud.ts";
import type { ArmRequest } from "../../src/lab/arm-server.ts";
import { readArmPath, segmentsOf } from "../../src/lab/arm-path.ts";
import { readAction } from "../../src/lab/access.ts";
import type { World } from "../../src/lab/world.ts";
import { diagnoseWorld } from "./diagnose.ts";
import { baseline, resources, set, type Baseline } from "./edit.ts";

const probes = await loadProbes(new URL("../../probes/", import.meta.url));

interface Recorded {
  readonly dialled: readonly { readonly address: string; readonly port: number; readonly transport: string }[];
  readonly requests: readonly ArmRequest[];
  readonly questions: readonly string[];
  readonly hosts: readonly string[];
  readonly tunnels: readonly string[];
  readonly contacts: Contacts;
}

/** Runs everything in a world whose sockets are recorded, and what was announced for it. */
async function record(world: World): Promise<Recorded> {
  const dialled: { address: string; port: number; transport: string }[] = [];
  let around: Surroundings | undefined;
  let seen: Omit<Recorded, "dialled" | "contacts"> | undefined;
  await diagnoseWorld(world, {
    through: (plain) =>
      (around = {
        ...plain,
        route: (address, port, transport) => {
          dialled.push({ address, port, transport });
          return plain.route(address, port, transport);
        },
      }),
    look: (lab) =>
      (seen = {
        requests: lab.requests(),
        questions: lab.dnsQuestions(),
        hosts: lab.connections().flatMap(({ sni }) => sni ?? []),
        tunnels: lab.proxyConnects().map(({ target }) => target),
      }),
  });
  if (around === undefined || seen === undefined) throw new Error("nothing was recorded");
  const { context } = compose(around, {
    target: world.target,
    cloud: clouds[world.cloud],
    azureDns: undefined,
    score: undefined,
    signal: new AbortController().signal,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  } as Parameters<typeof compose>[1]);
  return { ...seen, dialled, contacts: await contactsOf(probes.probes, context, around) };
}

/** Whether a name fits an announced pattern. */
function fits(pattern: string, name: string): boolean {
  return pattern.startsWith("*.") ? name.toLowerCase().endsWith(pattern.slice(1)) : pattern === name.toLowerCase();
}

/** Whether a request fits an announced read. */
function fitsRead(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/[.()]/g, "\\$&")
    .replace(/^\*/, "(?:/.+)?")
    .replaceAll("[/*]", "(?:/[^/]+)?")
    .replaceAll("/*", "/[^/]+");
  return new RegExp(`^${source}$`, "i").test(path);
}

/** The hosts that the owner of a cluster chose, which stand in no pattern. */
function clusterHosts(world: World): readonly string[] {
  return resources(world, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints").flatMap(({ properties }) => {
    const { scoringUri } = properties;
    return typeof scoringUri === "string" && URL.canParse(scoringUri) ? [new URL(scoringUri).hostname] : [];
  });
}

function actionOf({ method, path }: ArmRequest): string | undefined {
  const segments = segmentsOf(path);
  if (/\/locations\//i.test(path)) return undefined;
  if (method === "GET") {
    const read = readArmPath(segments);
    return read === undefined ? path : readAction(read);
  }
  const resource = readArmPath(segments.slice(0, -1));
  return `${resource?.typeText ?? path}/${segments.at(-1) ?? ""}/action`;
}

function behindProxy(world: World): World {
  world.vantage.environment = { ...world.vantage.environment, HTTPS_PROXY: "http://10.0.0.50:3128" };
  world.network.proxy = { address: "10.0.0.50", port: 3128, connect: [{ host: "*", outcome: "403" }] };
  return world;
}

/** What is read only where v1_legacy_mode is in question. */
function legacy(world: World, v1LegacyMode: boolean): World {
  set(world, "/workspaces/mlprod", { v1LegacyMode });
  world.target.endpoint = "score2";
  return world;
}

const estates: readonly (readonly [string, () => World])[] = [
  ...(["managed-network", "hub-dns", "kubernetes", "customer-network", "public"] as const).map(
    (name: Baseline) => [name, () => baseline(name)] as const,
  ),
  ["hub-dns behind a proxy", () => behindProxy(baseline("hub-dns"))],
  ["managed-network in v1 legacy mode", () => legacy(baseline("managed-network"), true)],
  ["managed-network, missing an endpoint", () => legacy(baseline("managed-network"), false)],
];

describe.each(estates)("a full diagnosis of %s", (_, world) => {
  it("contacts nobody but whom --dry-run and --list-egress name", { timeout: 30_000 }, async () => {
    const estate = world();
    const { contacts, dialled, requests, questions, hosts, tunnels } = await record(estate);
    const own = clusterHosts(estate);
    const ports = new Set(contacts.hosts.map(({ port }) => port));
    const clusterPorts = contacts.hosts.some(({ host, port }) => host === clusterHost && port === "any");

    const servers = new Set(contacts.questions.servers);
    const strange = dialled.filter(({ address, port, transport }) => {
      if (transport === "udp" || port === 53) return !servers.has(address);
      return !ports.has(port) && !(clusterPorts && own.length > 0);
    });
    expect(strange, "sockets").toEqual([]);
    const fitsName = (name: string): boolean =>
      contacts.questions.names.some((pattern) => fits(pattern.name, name)) || own.includes(name);
    expect(
      questions.filter((name) => !fitsName(name)),
      "DNS questions",
    ).toEqual([]);
    expect(
      hosts.filter((name) => !fitsName(name)),
      "TLS names",
    ).toEqual([]);
    expect(
      tunnels.filter((target) => !fitsName(target.replace(/:\d+$/, ""))),
      "through the proxy",
    ).toEqual([]);
    const unannounced = requests.filter(
      ({ method, path }) => !contacts.reads.some((read) => read.method === method && fitsRead(read.path, path)),
    );
    expect(
      unannounced.map(({ method, path }) => `${method} ${path}`),
      "reads",
    ).toEqual([]);
    expect({ dialled: dialled.length > 0, requests: requests.length > 5, questions: questions.length > 0 }).toEqual({
      dialled: true,
      requests: true,
      questions: true,
    });

    const permitted = new Set(neededActions(probes.probes).map(({ action }) => action.toLowerCase()));
    const missing = requests
      .flatMap((request) => actionOf(request) ?? [])
      .filter((action) => !permitted.has(action.toLowerCase()));
    expect([...new Set(missing)], "actions that `permissions` leaves out").toEqual([]);
  });
});

describe("the role that `permissions` prints", () => {
  it("reads, and does nothing else", () => {
    const { Actions, DataActions } = roleDefinition(
      "r",
      neededActions(probes.probes).map(({ action }) => action),
      ["/subscriptions/s"],
    );
    const writes = Actions.filter((action) => !action.endsWith("/read"));
    expect({ writes, DataActions, wild: Actions.filter((action) => action.includes("*")) }).toEqual({
      writes: [
        "Microsoft.MachineLearningServices/workspaces/diagnose/action",
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/getLogs/action",
      ],
      DataActions: [],
      wild: [],
    });
  });
});
