import { expect, it } from "vitest";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline, hubDns, publicDns } from "./edit.ts";

/** The hub's estate, seen from Windows whose adapter names `server`, with this name resolution policy table. */
function fromWindows(server: string, rules: readonly object[]) {
  const said = JSON.stringify({ adapters: [{ ServerAddresses: [server] }], interfaces: [], rules });
  return diagnoseWorld(baseline("hub-dns"), {
    through: (around) => ({ ...around, platform: "win32", run: async () => said }),
  });
}

it("judges the resolver that Windows' rules choose for a name, not the adapter's", { timeout: 30_000 }, async () => {
  const rule = { Namespace: ".", NameServers: [hubDns] };
  const ruled = await fromWindows(publicDns, [rule]);
  expect(ruled.verdict, summary(ruled)).toBe("healthy");
  expect(ruled.vantage).toMatchObject({
    resolvers: [publicDns],
    resolverRules: [{ namespace: ".", servers: [hubDns] }],
  });
  const plain = await fromWindows(hubDns, []);
  expect(plain.verdict, summary(plain)).toBe("healthy");
  expect(plain.vantage).not.toHaveProperty("resolverRules");
});
