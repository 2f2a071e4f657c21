import { encode } from "dns-packet";
import fc from "fast-check";
import { isIP } from "node:net";
import { describe, expect, it } from "vitest";
import { decodeAnswer } from "../../src/net/decode-answer.ts";
import type { Question } from "../../src/net/question.ts";

const question: Question = { name: "a.example", type: "A" };
const packet = encode({
  type: "response",
  id: 7,
  flags: 0x0180,
  questions: [{ type: "A", name: "A.example" }],
  answers: [
    { type: "CNAME", name: "a.example", ttl: 60, data: "b.example" },
    { type: "A", name: "b.example", ttl: 30, data: "10.1.0.7" },
    { type: "TXT", name: "b.example", ttl: 30, data: "text" },
  ],
  authorities: [
    { type: "SOA", name: "example", ttl: 10, data: { mname: "ns.example", rname: "h.example", minimum: 300 } },
  ],
  additionals: [
    {
      type: "OPT",
      name: ".",
      udpPayloadSize: 1232,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
});

/** Whatever came, what is handed on must be fit to be shown and used. */
function expectSound(message: Buffer, asked: Question = question): void {
  const decoded = decodeAnswer(message, asked);
  if (decoded.is !== "answer") return;
  const { chain, addresses, ttlSeconds, soa } = decoded.answer;
  for (const text of [...chain, soa?.zone ?? "x", soa?.primary ?? "x"]) expect(text).toMatch(/^[\x21-\x7e]{1,254}$/);
  for (const address of addresses) expect(isIP(address)).not.toBe(0);
  expect(chain.length).toBeLessThanOrEqual(20);
  expect(ttlSeconds ?? 0).toBeGreaterThanOrEqual(0);
}

describe("decoding an answer", () => {
  it("reads a sound one", () => {
    expect(decodeAnswer(packet, question)).toEqual({
      is: "answer",
      answer: {
        truncated: false,
        rcode: "NOERROR",
        authoritative: false,
        chain: ["a.example", "b.example"],
        addresses: ["10.1.0.7"],
        ttlSeconds: 30,
        soa: { zone: "example", primary: "ns.example", minimumSeconds: 300 },
      },
    });
  });

  it("survives random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expectSound(Buffer.from(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it("survives mutated packets", () => {
    const change = fc.record({ at: fc.nat(packet.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const mutated = Buffer.from(packet);
        for (const { at, to } of changes) mutated[at] = to;
        expectSound(mutated);
        expectSound(mutated, { name: "a.example", type: "SOA" });
      }),
      { numRuns: 5000 },
    );
  });

  it("makes no answer of a packet cut short", () => {
    for (let length = 0; length < packet.length; length += 1)
      expect(decodeAnswer(packet.subarray(0, length), question).is).toBe("malformed");
  });

  it("refuses 65535 phantom records", () => {
    const bomb = Buffer.concat([
      Buffer.from([0, 7, 0x81, 0x80, 0, 0, 0xff, 0xff, 0, 0, 0, 0]),
      Buffer.from([0, 0, 13, 0, 1, 0, 0, 0, 0, 0, 1]),
    ]);
    expect(decodeAnswer(bomb, question)).toMatchObject({ is: "malformed", why: "record counts exceed the message" });
  });

  it("refuses an endless chain", () => {
    const loop = encode({
      type: "response",
      id: 7,
      questions: [{ type: "A", name: "a.example" }],
      answers: [
        { type: "CNAME", name: "a.example", data: "b.example" },
        { type: "CNAME", name: "b.example", data: "a.example" },
      ],
    });
    expect(decodeAnswer(loop, question)).toMatchObject({ is: "malformed", why: "the CNAME chain loops" });
  });

  it("refuses a chain of more than 20 names", () => {
    const answers = Array.from({ length: 25 }, (_, index) => ({
      type: "CNAME" as const,
      name: index === 0 ? "a.example" : `n${index}.example`,
      data: `n${index + 1}.example`,
    }));
    expect(
      decodeAnswer(
        encode({ type: "response", id: 7, questions: [{ type: "A", name: "a.example" }], answers }),
        question,
      ),
    ).toMatchObject({ is: "malformed" });
  });

  it("refuses names that cannot be printed", () => {
    const odd = encode({
      type: "response",
      id: 7,
      questions: [{ type: "A", name: "a.example" }],
      answers: [{ type: "CNAME", name: "a.example", data: "x\u001b[2J.example" }],
    });
    expect(decodeAnswer(odd, question)).toMatchObject({ is: "malformed", why: "a name that cannot be printed" });
  });

  it.each<[string, Question]>([
    ["name", { name: "b.example", type: "A" }],
    ["type", { name: "a.example", type: "AAAA" }],
  ])("tells an answer to another %s", (_, other) => {
    expect(decodeAnswer(packet, other)).toEqual({ is: "other-question" });
  });

  it("takes an error without its question", () => {
    expect(decodeAnswer(Buffer.from([0, 7, 0x80, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]), question)).toMatchObject({
      is: "answer",
      answer: { rcode: "FORMERR" },
    });
  });
});
