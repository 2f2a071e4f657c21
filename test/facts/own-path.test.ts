import { describe, expect, it } from "vitest";
import { ownPath } from "../../src/facts/own-path.ts";
import { createSignInJournal } from "../../src/azure/sign-in-journal.ts";
import { gapAt } from "../../src/model/observation.ts";
import type { Context, Reach } from "../../src/model/ports.ts";

const unanswered = gapAt("GET /w", { gap: "timed-out", afterMs: 1 });

/** The own path where every host has these addresses, and a dial of an address ends as told. */
async function measured(addresses: readonly string[], dial: (address: string) => Partial<Reach>) {
  const signIn = createSignInJournal({
    way: "azure-cli",
    resourceManager: "https://management.azure.com",
    authority: "https://login.microsoftonline.com",
  });
  const context = {
    signIn,
    dns: { lookup: (name: string) => Promise.resolve({ name, addresses }) },
    net: {
      proxyFor: () => undefined,
      reach: ({ address, port, host }: { address: string; port: number; host: string }) =>
        Promise.resolve({ address, port, host, tcp: { outcome: "open", durationMs: 1 }, ...dial(address) }),
    },
  } as unknown as Context;
  const seen = await ownPath.collect({ workspace: unanswered }, context);
  return seen.is === "value" ? seen.value : undefined;
}

describe("the tool's own path", () => {
  it("dials an address of each family", async () => {
    const path = await measured(["2001:db8::1", "2001:db8::2", "20.0.0.1"], () => ({}));
    expect(path?.hosts[0]?.reaches.map(({ address }) => address)).toEqual(["20.0.0.1", "2001:db8::1"]);
  });

  it.each([
    ["sound", [], true],
    ["expired, by this machine's clock", ["expired" as const], true],
    ["somebody else's", ["expired" as const, "self-signed" as const], false],
  ])("takes the time of who answers with a certificate that is %s: %s", async (_, faults, taken) => {
    const path = await measured(["20.0.0.1"], () => ({
      tls: { outcome: "established", faults, chain: [], durationMs: 1 },
      http: {
        outcome: "answered",
        status: 400,
        headers: { date: "Sat, 01 Jan 2000 00:00:00 GMT" },
        body: "",
        durationMs: 1,
      },
    }));
    expect(path?.signIn.clock !== undefined).toBe(taken);
  });
});
