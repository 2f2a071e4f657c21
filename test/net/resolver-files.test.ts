import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHostsFile } from "../../src/net/hosts-file.ts";
import { isStub, parseResolvConf } from "../../src/net/resolv-conf.ts";
import { parseServer } from "../../src/net/server-address.ts";
import { parseWindowsResolvers } from "../../src/net/windows-resolvers.ts";

describe("resolv.conf", () => {
  it.each<[string, string, readonly string[], readonly string[]]>([
    ["nothing", "", [], []],
    [
      "servers in order, all of them, once",
      "nameserver 10.0.0.4\nnameserver 10.0.0.5\nnameserver 10.0.0.4\nnameserver 10.0.0.6\nnameserver 10.0.0.7\n",
      ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"],
      [],
    ],
    [
      "comments and options",
      "# nameserver 1.1.1.1\n; nameserver 1.1.1.1\noptions ndots:5 timeout:1\nnameserver\t10.0.0.4 # hub\r\n",
      ["10.0.0.4"],
      [],
    ],
    ["IPv6 with a zone", "nameserver fe80::1%eth0\nnameserver fd00::4\n", ["fe80::1%eth0", "fd00::4"], []],
    ["a port, which glibc does not know", "nameserver 10.0.0.4:5353\nnameserver\n", [], []],
    ["indented lines, which glibc does not read", " nameserver 10.0.0.4\n", [], []],
    [
      "the last search or domain",
      "search A.example. b.example\ndomain c.example\nsearch d.example e.example\n",
      [],
      ["d.example", "e.example"],
    ],
    ["a root search domain", "search .\n", [], []],
  ])("%s", (_, text, servers, search) => {
    expect(parseResolvConf(text)).toEqual({ servers, search });
  });

  it("knows systemd-resolved's stub", () => {
    expect([isStub(["127.0.0.53"]), isStub(["127.0.0.53", "10.0.0.4"]), isStub([])]).toEqual([true, false, false]);
  });
});

describe("the hosts file", () => {
  it("maps names of any case to their addresses", () => {
    expect(
      parseHostsFile(
        "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.1.0.99\tEP.example. ep # old\n# 10.0.0.1 off.example\nnot-an-address x.example\n10.0.0.1 \u001b[2J\n10.0.0.9 __proto__\n",
      ),
    ).toEqual(
      Object.fromEntries([
        ["localhost", ["127.0.0.1", "::1"]],
        ["ip6-localhost", ["::1"]],
        ["ep.example", ["10.1.0.99"]],
        ["ep", ["10.1.0.99"]],
        ["__proto__", ["10.0.0.9"]],
      ]),
    );
  });
});

describe("parsers of hostile text", () => {
  it("never throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parseHostsFile(text);
        parseResolvConf(text);
        parseWindowsResolvers(text);
        parseServer(text);
      }),
    );
  });

  it.each([
    ["10.0.0.4", "10.0.0.4", 53, "10.0.0.4"],
    ["10.0.0.4:53", "10.0.0.4", 53, "10.0.0.4"],
    ["10.0.0.4:5353", "10.0.0.4", 5353, "10.0.0.4:5353"],
    ["fd00::4", "fd00::4", 53, "fd00::4"],
    ["[fd00::4]:5353", "fd00::4", 5353, "[fd00::4]:5353"],
  ])("read the server %s", (text, address, port, shown) => {
    expect(parseServer(text)).toEqual({ address, port, text: shown });
  });
});
