import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { askOf, isDenied, type WorldCluster } from "./kubernetes-objects.ts";

const protocol = "v5.channel.k8s.io";
/** RFC 6455, section 1.3. */
const acceptKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * `pods/exec` over a WebSocket, for the commands that a world knows: standard output on channel 1, standard error on 2,
 * and in the end a Status on 3. A command that the world does not know is not found in the container: exit code 127.
 */
export function answerExec(cluster: WorldCluster, message: IncomingMessage, socket: Duplex, token: string): void {
  const url = new URL(message.url ?? "/", "https://localhost");
  const ask = askOf(
    url.pathname
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent),
  );
  const refuse = (line: string): void =>
    void socket.end(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
  if (message.headers.authorization !== `Bearer ${token}`) {
    refuse("401 Unauthorized");
    return;
  }
  if (ask?.sub !== "exec" || ask.name === undefined) {
    refuse("404 Not Found");
    return;
  }
  if (isDenied(cluster, "create", "pods/exec", ask.namespace)) {
    refuse("403 Forbidden");
    return;
  }
  const key = message.headers["sec-websocket-key"];
  if (key === undefined || message.headers["sec-websocket-protocol"]?.includes(protocol) !== true) {
    refuse("400 Bad Request");
    return;
  }
  const accept = createHash("sha1").update(`${key}${acceptKey}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`,
  );
  const command = url.searchParams.getAll("command").join(" ");
  const pod = ask.name;
  const known = cluster.exec.find(
    (entry) =>
      entry.namespace === ask.namespace &&
      command.includes(entry.command) &&
      (entry.pod === undefined || entry.pod === pod) &&
      // A pod of a deployment carries its name.
      (entry.deployment === undefined || pod.startsWith(`${entry.deployment}-`)),
  );
  const { stdout, stderr, exitCode } = known ?? { stdout: "", stderr: "command not found", exitCode: 127 };
  send(socket, 1, stdout);
  send(socket, 2, stderr ?? "");
  send(
    socket,
    3,
    JSON.stringify(
      exitCode === 0
        ? { metadata: {}, status: "Success" }
        : {
            metadata: {},
            status: "Failure",
            reason: "NonZeroExitCode",
            details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
          },
    ),
  );
  // A close frame with code 1000.
  socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]));
}

/** One binary message: the number of its channel and the text. */
function send(socket: Duplex, channel: number, text: string): void {
  if (text === "") return;
  const payload = Buffer.concat([Buffer.from([channel]), Buffer.from(text)]).subarray(0, 0xffff);
  const length =
    payload.length < 126
      ? Buffer.from([payload.length])
      : Buffer.concat([Buffer.from([126]), Buffer.from([payload.length >> 8, payload.length & 0xff])]);
  socket.write(Buffer.concat([Buffer.from([0x82]), length, payload]));
}
