import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWindowsResolvers, windowsResolverScript } from "../../src/net/windows-resolvers.ts";

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), "utf8");

describe("what Windows is set to ask", () => {
  it("is Azure's DNS on a jump-box of a network with the default DNS", () => {
    expect(parseWindowsResolvers(fixture("windows-server-2022-jump-box"))).toEqual({
      servers: ["168.63.129.16"],
      rules: [],
    });
  });

  it("begins with the adapter of the lowest metric, without those that are not connected, and keeps the rules", () => {
    const servers = ["10.9.0.4", "10.9.0.5"];
    expect(parseWindowsResolvers(fixture("windows-11-laptop-azure-vpn"))).toEqual({
      servers: ["10.9.0.4", "192.168.178.1", "fd00::3a10:d5ff:fe12:3456"],
      rules: [
        { namespace: ".privatelink.api.azureml.ms", servers },
        { namespace: ".api.azureml.ms", servers },
        { namespace: ".blob.core.windows.net", servers },
        { namespace: "portal.corp.example", servers: [] },
      ],
    });
  });

  it("comes through the wrapped lists of Windows PowerShell 5.1, behind a byte order mark", () => {
    expect(parseWindowsResolvers(fixture("windows-server-2016-powershell-5").replaceAll("\n", "\r\n"))).toEqual({
      servers: ["10.0.0.4", "10.0.0.5"],
      rules: [{ namespace: ".corp.contoso.example", servers: ["10.0.0.10", "10.0.0.11"] }],
    });
  });

  it.each<[string, string, readonly string[] | undefined]>([
    ["one adapter with one server, both without a list", '{"adapters":{"ServerAddresses":"10.0.0.4"}}', ["10.0.0.4"]],
    [
      "no metrics",
      '{"adapters":[{"ServerAddresses":["10.0.0.5"]},{"ServerAddresses":["10.0.0.4","10.0.0.5"]}]}',
      ["10.0.0.5", "10.0.0.4"],
    ],
    [
      "families by name",
      '{"adapters":[{"InterfaceIndex":4,"AddressFamily":"IPv4","ServerAddresses":["10.0.0.4"]},{"InterfaceIndex":4,"AddressFamily":"IPv6","ServerAddresses":["fd00::4"]}],"interfaces":{"InterfaceIndex":4,"AddressFamily":2,"InterfaceMetric":5}}',
      ["10.0.0.4"],
    ],
    [
      "lists that PowerShell cut short into texts",
      '{"adapters":[{"ServerAddresses":"10.0.0.4 10.0.0.5"}]}',
      ["10.0.0.4", "10.0.0.5"],
    ],
    [
      "placeholders for no server",
      '{"adapters":[{"ServerAddresses":["0.0.0.0","::","10.0.0.4"]},{"ServerAddresses":null},{}]}',
      ["10.0.0.4"],
    ],
    ["no adapter", '{"adapters":[],"interfaces":null,"rules":null}', []],
    ["an error message", "Get-DnsClientServerAddress : not recognized", undefined],
    ["nothing", "", undefined],
  ])("reads %s", (_, text, servers) => {
    expect(parseWindowsResolvers(text)?.servers).toEqual(servers);
  });

  it("knows the servers of a DirectAccess rule, which the effective table shows outside only", () => {
    const rules = {
      Namespace: ".corp.example",
      NameServers: "",
      DirectAccessDnsServers: { value: ["2001:db8:1::2"], Count: 1 },
    };
    expect(parseWindowsResolvers(JSON.stringify({ adapters: [], rules }))?.rules).toEqual([
      { namespace: ".corp.example", servers: ["2001:db8:1::2"] },
    ]);
  });

  it("drops namespaces that are no names", () => {
    const rules = [
      { Namespace: ["", "..", "a b", ".\u001b[2J"], NameServers: ["10.0.0.4"] },
      { Namespace: ".", NameServers: ["x", "10.0.0.4"] },
    ];
    const found = parseWindowsResolvers(JSON.stringify({ adapters: [], rules }))?.rules ?? [];
    expect(found.at(-1)).toEqual({ namespace: ".", servers: ["10.0.0.4"] });
    expect(JSON.stringify(found)).not.toContain("u001b");
  });

  it("never fails on other text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseWindowsResolvers(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseWindowsResolvers(text)));
  });

  it("is asked in one line without double quotes, which Windows would take away", () => {
    expect(windowsResolverScript).not.toMatch(/["\r\n]/);
    // A console in any code page prints what follows as it is.
    expect(windowsResolverScript).toContain("-replace '[^ -~]','?'");
  });
});
