import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { execute } from "../../src/kubernetes/exec-channel.ts";
import { createAuthority } from "../../src/lab/certificates.ts";

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

const head =
  "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-protocol: v4.channel.k8s.io\r\n\r\n";
const message = (stream: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([0x82, text.length + 1, stream]), Buffer.from(text)]);

/** Runs a command against a server that opens the channel and then does this. */
async function run(then: (socket: Duplex) => void) {
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
  server.on("upgrade", (_, socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.write(head);
    then(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = {
    server: new URL(`https://127.0.0.1:${port}`),
    ca: authority.pem,
    servername: "localhost",
    rejectUnauthorized: true,
  };
  return execute(credentials, "/exec", { timeoutMs: 500, signal: new AbortController().signal });
}

describe("the channel of a command", () => {
  it("is given up when nothing comes", async () => {
    expect(await run(() => undefined)).toEqual({ gap: "timed-out", afterMs: 500 });
  });

  it("is broken when it closes before the command's end", async () => {
    expect(await run((socket) => socket.end(message(1, "half")))).toMatchObject({ gap: "error", code: "exec-failed" });
  });

  it("tells both outputs and the end", async () => {
    const said = await run((socket) => {
      socket.write(Buffer.concat([message(1, "out"), message(2, "er"), message(2, "r")]));
      const causes = [{ reason: "ExitCode", message: "6" }];
      socket.end(Buffer.concat([message(3, JSON.stringify({ details: { causes } })), Buffer.from([0x88, 0])]));
    });
    expect(said).toEqual({ stdout: "out", stderr: "err", exitCode: 6 });
  });

  it("keeps only the beginning of an endless output", async () => {
    const chunk = Buffer.concat([Buffer.from([0x82, 126, 0x40, 0, 1]), Buffer.alloc(0x3fff, "x")]);
    const said = await run((socket) => {
      for (let count = 0; count < 50; count += 1) socket.write(chunk);
      socket.end(Buffer.concat([message(3, `{"status":"Success"}`), Buffer.from([0x88, 0])]));
    });
    expect("stdout" in said && said.stdout.length).toBeLessThan(100_000);
  });
});
