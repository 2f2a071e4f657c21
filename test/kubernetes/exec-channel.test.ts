import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { execute } from "../../src/kubernetes/exec-channel.ts";
import { createAuthority } from "../../src/lab/certificates.ts";

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

const message = (stream: number, text: string): Buffer => Buffer.concat([Buffer.from([stream]), Buffer.from(text)]);
const success = message(3, `{"status":"Success"}`);

interface Setting {
  readonly trusted?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs a command against a server that does this with the request to open a channel. */
async function ask(answer: (socket: Duplex, message: IncomingMessage, head: Buffer) => void, setting: Setting = {}) {
  const authority = await createAuthority("lab");
  const { certificatePem, keyPem } = await authority.issue({ names: ["localhost"] });
  const server = createServer({ cert: certificatePem, key: keyPem });
  const sockets = new Set<Duplex>();
  opened.push({
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  server.on("upgrade", (request, socket, head) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    answer(socket, request, head);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = {
    server: new URL(`https://127.0.0.1:${port}/base/`),
    ...(setting.trusted === false ? {} : { ca: authority.pem }),
    servername: "localhost",
    token: "secret",
    rejectUnauthorized: true,
  };
  const signal = setting.signal ?? new AbortController().signal;
  return execute(credentials, "/exec?command=id", { timeoutMs: 1500, signal });
}

/** Runs a command against a server that opens the channel and then does this. */
function run(then: (channel: WebSocket, socket: Duplex) => void, protocol = "v4.channel.k8s.io", setting?: Setting) {
  return ask((socket, request, head) => {
    const server = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
    server.handleUpgrade(request, socket, head, (channel) => {
      channel.on("error", () => channel.terminate());
      then(channel, socket);
    });
  }, setting);
}

describe("the channel of a command", () => {
  it("is given up when nothing comes", async () => {
    expect(await run(() => undefined)).toEqual({ gap: "timed-out", afterMs: 1500 });
    expect(await ask(() => undefined)).toEqual({ gap: "timed-out", afterMs: 1500 });
  });

  it("is given up with the run, before it opens or after", async () => {
    const late = { gap: "timed-out", afterMs: 1500 };
    expect(await run((channel) => channel.close(), undefined, { signal: AbortSignal.abort() })).toEqual(late);
    const stop = new AbortController();
    expect(await run(() => stop.abort(), undefined, { signal: stop.signal })).toEqual(late);
    const early = new AbortController();
    expect(await ask(() => early.abort(), { signal: early.signal })).toEqual(late);
  });

  it("is broken when it closes before the command's end", async () => {
    const broken = { gap: "error", code: "exec-failed" };
    const half = message(1, "half");
    expect(await run((channel, socket) => channel.send(half, () => socket.destroy()))).toMatchObject(broken);
    expect(await run((channel) => channel.send(half, () => channel.close(1011)))).toMatchObject(broken);
  });

  it.each(["v4.channel.k8s.io", "v5.channel.k8s.io"])("tells both outputs and the end, by %s", async (protocol) => {
    const said = await run((channel) => {
      for (const each of [message(1, "out"), message(2, "er"), message(2, "r")]) channel.send(each);
      channel.send(message(3, JSON.stringify({ details: { causes: [{ reason: "ExitCode", message: "6" }] } })));
      channel.close(1000);
    }, protocol);
    expect(said).toEqual({ stdout: "out", stderr: "err", exitCode: 6 });
  });

  it("needs no goodbye after the command's end", async () => {
    const said = await run((channel, socket) => channel.send(success, () => socket.end()));
    expect(said).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  });

  it("does not wait for a server that said goodbye and stays", async () => {
    const said = await run((channel, socket) => {
      channel.send(success);
      // A close frame, after which nothing is read and nothing ends.
      socket.write(Buffer.from([0x88, 0]), () => socket.pause());
    });
    expect(said).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  });

  it("answers a ping", async () => {
    const said = await run((channel) => {
      channel.on("pong", (payload) => {
        channel.send(message(1, payload.toString()));
        channel.send(success);
        channel.close(1000);
      });
      channel.ping("still there");
    });
    expect(said).toMatchObject({ stdout: "still there", exitCode: 0 });
  });

  it("keeps only the beginning of an endless output", async () => {
    const said = await run((channel) => {
      for (let count = 0; count < 50; count += 1) channel.send(message(1, "x".repeat(0x3fff)));
      channel.send(success);
      channel.close(1000);
    });
    expect("stdout" in said && said.stdout.length).toBe(4 * 0x3fff);
  });

  it("reads no message of absurd length", async () => {
    const said = await run((_, socket) => socket.write(Buffer.from([0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0])));
    expect(said).toMatchObject({ gap: "error", code: "exec-failed" });
  });
});

describe("a channel that is not opened", () => {
  const refused = (body: string): string =>
    `HTTP/1.1 403 Forbidden\r\nlocation: /elsewhere\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

  it("is an answer with its status and words, to what was asked", async () => {
    let asked: unknown;
    const said = await ask((socket, { url, headers: { authorization, ...headers } }) => {
      const { "sec-websocket-protocol": offered, "sec-websocket-extensions": extensions } = headers;
      asked = { url, authorization, offered: offered?.split(/, ?/), extensions };
      socket.end(refused(`{"message":"no"}`));
    });
    expect(said).toEqual({ status: 403, body: `{"message":"no"}` });
    expect(asked).toEqual({
      url: "/base/exec?command=id",
      authorization: "Bearer secret",
      offered: ["v5.channel.k8s.io", "v4.channel.k8s.io"],
      extensions: undefined,
    });
  });

  it("follows no redirect", async () => {
    const said = await ask((socket) =>
      socket.end("HTTP/1.1 302 Found\r\nlocation: https://localhost:1/\r\ncontent-length: 0\r\n\r\n"),
    );
    expect(said).toEqual({ status: 302, body: "" });
  });

  it("is told by the beginning of an endless refusal", async () => {
    const said = await ask((socket) => {
      socket.write("HTTP/1.1 500 Oops\r\n\r\n");
      const more = setInterval(() => socket.write("x".repeat(4096)), 5);
      socket.on("close", () => clearInterval(more));
    });
    expect(said).toMatchObject({ status: 500 });
    expect("body" in said && said.body.length).toBeLessThan(100_000);
  });

  it("is given up when the refusal has no end", async () => {
    const said = await ask((socket) => socket.write("HTTP/1.1 500 Oops\r\ncontent-length: 9\r\n\r\n"));
    expect(said).toEqual({ gap: "timed-out", afterMs: 1500 });
  });

  it("is unreachable when the server speaks no WebSocket", async () => {
    const accept = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n";
    expect(await ask((socket) => socket.write(`${accept}\r\n`))).toEqual({ gap: "unreachable", code: "failed" });
    expect(await ask((socket) => socket.destroy())).toEqual({ gap: "unreachable", code: "ECONNRESET" });
  });

  it("is unreachable when its certificate is not trusted", async () => {
    const said = await run((channel) => channel.close(), undefined, { trusted: false });
    expect(said).toEqual({ gap: "unreachable", code: "SELF_SIGNED_CERT_IN_CHAIN" });
  });
});
