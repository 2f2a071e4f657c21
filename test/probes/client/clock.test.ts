import { describe, expect, it } from "vitest";
import probe from "../../../probes/client/clock.ts";
import { verdictOf } from "../verdict-of.ts";
import { facts, host, path, reach, signIn } from "./own-path.ts";
import type { OwnPath } from "../../../src/facts/own-path.ts";

const ahead = (minutes: number) => ({
  clock: { host: "management.azure.com", service: "2026-03-01T12:00:00.000Z", aheadMs: minutes * 60_000 },
});
const failure = (code: string) => ({ kind: "refused" as const, message: `${code}: no`, code });
const given = (minutes: number, changes: Partial<OwnPath> = {}, more: object = {}) =>
  facts(path({ signIn: signIn({ ...ahead(minutes), ...more }), ...changes }));
const expired = [host("resource-manager", { reaches: [reach("open", { faults: ["expired"] })] })];

describe("client/clock", () => {
  it.each([
    ["no answer told the time", facts(path()), "skip"],
    ["the clocks agree", given(0), "pass"],
    ["five minutes are allowed", given(-5), "pass"],
    ["six minutes, and Azure answers", given(6), "cv-clock-skew(w)"],
    ["an hour, and the identity has no role", given(60, { trouble: "denied" }), "cv-clock-skew(w)"],
    [
      "an hour, and the assertion is out of its time",
      given(60, { trouble: "no-token" }, { failure: failure("AADSTS700024") }),
      "cv-clock-skew",
    ],
    [
      "an hour, and the secret is wrong",
      given(60, { trouble: "no-token" }, { failure: failure("AADSTS7000215") }),
      "cv-clock-skew(w)",
    ],
    [
      "an hour, and the token has expired",
      given(-60, { trouble: "token-refused" }, { challenge: { code: "ExpiredAuthenticationToken" } }),
      "cv-clock-skew",
    ],
    [
      "a year, and the certificate looks expired",
      given(525_600, { trouble: "unanswered", hosts: expired }),
      "cv-clock-skew",
    ],
    [
      "an hour, and the certificate is somebody else's as well",
      given(60, {
        trouble: "unanswered",
        hosts: [host("resource-manager", { reaches: [reach("open", { faults: ["expired", "self-signed"] })] })],
      }),
      "cv-clock-skew(w)",
    ],
    ["the clocks agree, and the certificate has expired", given(0, { trouble: "unanswered", hosts: expired }), "pass"],
  ])("%s", (_, facts, wanted) => {
    expect(verdictOf(probe, facts)).toBe(wanted);
  });
});
