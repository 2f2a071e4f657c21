import { describe, expect, it } from "vitest";
import { absent, seen } from "../../src/model/observation.ts";
import { createMachine, type MachineOptions } from "../../src/net/machine.ts";
import { startHttp, startTcp } from "./server.ts";

function machine(files: Record<string, string>, more: Partial<MachineOptions> = {}): ReturnType<typeof createMachine> {
  return createMachine({
    name: "jumpbox",
    environment: {},
    platform: "linux",
    readFile: (path) =>
      files[path] === undefined
        ? Promise.reject(Object.assign(new Error("none"), { code: "ENOENT" }))
        : Promise.resolve(files[path]),
    interfaces: () => ({}),
    route: () => "blackhole",
    timeoutMs: 50,
    ...more,
  });
}

describe("this machine", () => {
  it("leaves out loopback and link-local addresses", () => {
    const entry = (address: string, internal = false) => ({
      address,
      netmask: "",
      family: "IPv4" as const,
      mac: "",
      internal,
      cidr: null,
    });
    expect(
      machine(
        {},
        {
          interfaces: () => ({
            lo: [entry("127.0.0.1", true)],
            eth0: [entry("10.0.1.4"), entry("169.254.1.1")],
            eth1: [entry("fe80::1"), entry("fd00::4")],
          }),
        },
      ).addresses(),
    ).toEqual(["10.0.1.4", "fd00::4"]);
  });

  it("names its resolvers", async () => {
    expect(await machine({ "/etc/resolv.conf": "nameserver 10.0.0.4\nsearch corp.example\n" }).resolvers()).toEqual(
      seen({ servers: ["10.0.0.4"], search: ["corp.example"], source: "/etc/resolv.conf" }),
    );
  });

  it("names the servers behind systemd-resolved's stub", async () => {
    const files = {
      "/etc/resolv.conf": "nameserver 127.0.0.53\nsearch corp.example\n",
      "/run/systemd/resolve/resolv.conf": "nameserver 168.63.129.16\n",
    };
    expect(await machine(files).resolvers()).toEqual(
      seen({ servers: ["168.63.129.16"], search: ["corp.example"], source: "/run/systemd/resolve/resolv.conf" }),
    );
  });

  it.each([
    ["keeps the stub when they are not known", { "/etc/resolv.conf": "nameserver 127.0.0.53\n" }, ["127.0.0.53"]],
    ["asks itself when none is named", { "/etc/resolv.conf": "" }, ["127.0.0.1"]],
  ])("%s", async (_, files, servers) => {
    expect(await machine(files).resolvers()).toMatchObject({ is: "value", value: { servers } });
  });

  it("has no resolvers without a file, and a gap when the file hangs or is withheld", async () => {
    expect(await machine({}).resolvers()).toEqual(absent);
    expect(await machine({}, { readFile: () => new Promise(() => undefined) }).resolvers()).toMatchObject({
      is: "gap",
      gap: "timed-out",
      at: "/etc/resolv.conf",
    });
    expect(
      await machine(
        {},
        { readFile: () => Promise.reject(Object.assign(new Error("no"), { code: "EACCES" })) },
      ).hostsFile(),
    ).toMatchObject({ is: "gap", gap: "error", code: "EACCES", at: "/etc/hosts" });
  });

  it("asks PowerShell on Windows, and reads its hosts file", async () => {
    const windows = { platform: "win32", environment: { SystemRoot: "D:\\Win" } };
    const asked: string[] = [];
    const run = (program: string) => {
      asked.push(program);
      return Promise.resolve(
        '{"adapters":{"ServerAddresses":["10.0.0.4"]},"rules":{"Namespace":".corp.example","NameServers":["10.9.0.4"]}}',
      );
    };
    expect(await machine({}, { ...windows, run }).resolvers()).toEqual(
      seen({
        servers: ["10.0.0.4"],
        search: [],
        source: "Get-DnsClientServerAddress",
        rules: [{ namespace: ".corp.example", servers: ["10.9.0.4"] }],
      }),
    );
    expect(asked).toEqual(["D:\\Win\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"]);
    expect(await machine({}, windows).resolvers()).toMatchObject({ is: "gap", gap: "not-collected" });
    expect(await machine({}, { ...windows, run: () => Promise.resolve("oh") }).resolvers()).toMatchObject({
      is: "gap",
      code: "UNREADABLE",
    });
    expect(await machine({ "D:\\Win\\System32\\drivers\\etc\\hosts": "10.0.0.9 A" }, windows).hostsFile()).toEqual(
      seen({ a: ["10.0.0.9"] }),
    );
  });
});

describe("the instance metadata", () => {
  const good = {
    compute: {
      resourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm",
      name: "vm",
      location: "eastus",
      subscriptionId: "s",
      azEnvironment: "AzurePublicCloud",
      tags: "x".repeat(5000),
    },
    network: { interface: [{ ipv4: { ipAddress: [{ privateIpAddress: "10.0.1.4", publicIpAddress: "" }] } }] },
  };
  async function ask(status: number, body: string) {
    const requests: unknown[] = [];
    const port = await startHttp((request, response) => {
      requests.push([request.method, request.url, request.headers.metadata, request.headers.host]);
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    const at: unknown[] = [];
    const route = (address: string, wanted: number) => (at.push(`${address}:${wanted}`), { host: "127.0.0.1", port });
    return {
      is: await machine(
        {},
        { route, environment: { HTTP_PROXY: "http://127.0.0.1:1" }, timeoutMs: 500 },
      ).instanceMetadata(),
      requests,
      at,
    };
  }

  it("says which VM this is, never through a proxy", async () => {
    expect(await ask(200, JSON.stringify(good))).toEqual({
      is: seen({
        resourceId: good.compute.resourceId,
        name: "vm",
        location: "eastus",
        subscriptionId: "s",
        azEnvironment: "AzurePublicCloud",
        addresses: ["10.0.1.4"],
      }),
      requests: [["GET", "/metadata/instance?api-version=2021-02-01", "true", "169.254.169.254"]],
      at: ["169.254.169.254:80"],
    });
  });

  it.each<[string, number, string, object]>([
    ["garbage", 200, "<html>", { is: "gap", gap: "error", code: "UNREADABLE" }],
    ["another shape", 200, "{}", { is: "gap", gap: "error", code: "UNREADABLE" }],
    ["a failing service", 500, "", { is: "gap", gap: "error", code: "HTTP_500" }],
    ["another cloud's service", 404, "", absent],
  ])("of %s", async (_, status, body, expected) => {
    expect((await ask(status, body)).is).toMatchObject(expected);
  });

  it("is absent where nobody answers", async () => {
    expect(await machine({}).instanceMetadata()).toEqual(absent);
    const silent = await startTcp(() => undefined);
    expect(await machine({}, { route: () => ({ host: "127.0.0.1", port: silent }) }).instanceMetadata()).toEqual(
      absent,
    );
    expect(await machine({}, { route: () => ({ host: "127.0.0.1", port: 1 }) }).instanceMetadata()).toEqual(absent);
  });

  it("is a gap when the run ends first", async () => {
    expect(await machine({}, { signal: AbortSignal.abort() }).instanceMetadata()).toMatchObject({
      is: "gap",
      gap: "timed-out",
    });
  });
});
