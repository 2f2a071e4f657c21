import { describe, expect, it } from "vitest";
import { controlFrame, frameReader } from "../../src/kubernetes/websocket-frames.ts";

const data = (text: string, first = 0x82) => Buffer.concat([Buffer.from([first, text.length]), Buffer.from(text)]);
const shown = (bytes: Buffer, size = bytes.length) => {
  const read = frameReader();
  const frames = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(...read(bytes.subarray(at, at + size)));
  return frames.map(({ kind, payload }) => `${kind} ${payload.length > 20 ? payload.length : payload.toString()}`);
};

describe("a reader of WebSocket frames", () => {
  const long = Buffer.concat([Buffer.from([0x82, 126, 1, 0]), Buffer.alloc(256)]);
  const longer = Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(65_536)]);
  it.each([
    ["whole messages", Buffer.concat([data("one"), data("two")]), ["data one", "data two"]],
    ["a message in parts", Buffer.concat([data("o", 0x02), data("n", 0x00), data("e", 0x80)]), ["data one"]],
    [
      "a ping between the parts",
      Buffer.concat([data("o", 0x02), data("!", 0x89), data("k", 0x80)]),
      ["ping !", "data ok"],
    ],
    ["longer lengths", Buffer.concat([long, longer]), ["data 256", "data 65536"]],
    ["the end", data("", 0x88), ["close "]],
  ])("reads %s, in whatever pieces they come", (_, bytes, expected) => {
    expect(shown(bytes)).toEqual(expected);
    expect(shown(bytes, 3)).toEqual(expected);
  });

  it("refuses a frame of absurd length", () => {
    expect(() => frameReader()(Buffer.from([0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0]))).toThrow(RangeError);
  });

  it("masks what it sends", () => {
    expect(controlFrame("pong", Buffer.from("hi"))).toEqual(Buffer.from([0x8a, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
  });
});
