import { createSocket } from "node:dgram";
import { connect } from "node:net";
import dnsPacket, { type DecodedPacket, type Packet } from "dns-packet";

/** A decoded answer with what the decoder's types leave out, and the size of the message. */
export type Decoded = DecodedPacket & { rcode: string; bytes: number };

const waitMs = 2_000;

/** One question in a packet, as a stub resolver sends it. */
export function question(name: string, type: string, more: Partial<Packet> = {}): Buffer {
  return dnsPacket.encode({
    type: "query",
    id: 4711,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type: type as "A" }],
    ...more,
  });
}

/** Sends a message over UDP and hands back the raw answer; undefined when nothing came within the deadline. */
export function askUdp(port: number, message: Buffer, deadlineMs = waitMs): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    const finish = (answer: Buffer | undefined): void => {
      clearTimeout(timer);
      socket.close(() => resolve(answer));
    };
    const timer = setTimeout(() => finish(undefined), deadlineMs);
    socket.on("error", reject);
    socket.on("message", finish);
    socket.send(message, port, "127.0.0.1");
  });
}

/** Sends messages over one TCP connection and hands back as many raw answers, fewer when the deadline passes. */
export function askTcp(port: number, messages: readonly Buffer[], deadlineMs = waitMs): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const answers: Buffer[] = [];
    let pending = Buffer.alloc(0);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answers);
    };
    const timer = setTimeout(finish, deadlineMs);
    socket.on("error", reject);
    socket.on("connect", () => {
      const framed = Buffer.concat(
        messages.flatMap((message) => [Buffer.from([message.length >> 8, message.length & 255]), message]),
      );
      // In two pieces, because TCP keeps no message borders.
      socket.write(framed.subarray(0, 1));
      socket.write(framed.subarray(1));
    });
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        answers.push(pending.subarray(2, 2 + pending.readUInt16BE(0)));
        pending = pending.subarray(2 + pending.readUInt16BE(0));
      }
      if (answers.length === messages.length) finish();
    });
  });
}

/** An answer taken apart. Throws when there is none, or when it is no sound message. */
export function decoded(message: Buffer | undefined): Decoded {
  if (message === undefined) throw new Error("no answer came");
  return { ...(dnsPacket.decode(message) as DecodedPacket & { rcode: string }), bytes: message.length };
}

/** An answer in one line: `NOERROR a CNAME b, b A 10.0.0.1`. */
export function told(answer: Decoded): string {
  const records = (answer.answers ?? []).map(
    (record) =>
      `${record.name} ${record.type}${"data" in record ? ` ${JSON.stringify(record.data).replaceAll('"', "")}` : ""}`,
  );
  return [answer.rcode, records.join(", ")].filter((part) => part !== "").join(" ");
}
