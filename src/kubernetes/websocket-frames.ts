/** One message of a WebSocket: what a server sends is never masked. RFC 6455, section 5. */
export interface Frame {
  readonly kind: "data" | "ping" | "close";
  readonly payload: Buffer;
}

const closing = 8;
const ping = 9;
/** A longer frame than any answer that we look for. */
const maxFrame = 16 * 1024 * 1024;

/** Takes a connection's bytes as they come and gives whole messages. Throws RangeError on a frame that is too long. */
export function frameReader(): (bytes: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const frames: Frame[] = [];
    for (let frame = nextFrame(rest); frame !== undefined; frame = nextFrame(rest)) {
      rest = rest.subarray(frame.size);
      if (frame.opcode === closing || frame.opcode === ping)
        frames.push({ kind: frame.opcode === ping ? "ping" : "close", payload: frame.payload });
      else if (frame.opcode < closing) {
        parts.push(frame.payload);
        if (!frame.isLast) continue;
        frames.push({ kind: "data", payload: Buffer.concat(parts) });
        parts = [];
      }
    }
    return frames;
  };
}

/** The answer to a ping, or a close frame. What a client sends is masked, here with zeros: nothing in it is secret. */
export function controlFrame(kind: "pong" | "close", payload: Buffer): Buffer {
  const short = payload.subarray(0, 125);
  return Buffer.concat([Buffer.from([kind === "pong" ? 0x8a : 0x88, 0x80 | short.length, 0, 0, 0, 0]), short]);
}

function nextFrame(
  bytes: Buffer,
): { readonly opcode: number; readonly isLast: boolean; readonly payload: Buffer; readonly size: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < head) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (length > maxFrame) throw new RangeError("a frame that is too long");
  if (bytes.length < head + length) return undefined;
  return {
    opcode: first & 0x0f,
    isLast: (first & 0x80) !== 0,
    payload: bytes.subarray(head, head + length),
    size: head + length,
  };
}
