import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Answer } from "./answer.ts";
import { forbidden, status } from "./kubernetes-answers.ts";
import { askOf, isDenied, objectsOf, type WorldCluster } from "./kubernetes-objects.ts";

/** Newest first. */
const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];
/** RFC 6455, section 1.3. */
const acceptKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * `pods/exec` over a WebSocket, for the commands that a world knows: standard output on channel 1, standard error on 2,
 * and in the end a Status on 3. A command that the world does not know is not in the container, which the container
 * runtime says in that Status. `note` is told what was run.
 */
export function answerExec(
  cluster: WorldCluster,
  message: IncomingMessage,
  socket: Duplex,
  token: string,
  note: (command: string) => void,
): void {
  const url = new URL(message.url ?? "/", "https://localhost");
  const ask = askOf(url.pathname.split("/").filter((segment) => segment !== ""));
  const refuse = ({ status: code, body }: Answer): void => {
    const text = JSON.stringify(body);
    socket.end(
      `HTTP/1.1 ${code} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
    );
  };
  if (message.headers.authorization !== `Bearer ${token}`) {
    refuse(status(401, "Unauthorized", "Unauthorized"));
    return;
  }
  if (ask?.sub !== "exec" || ask.name === undefined) {
    refuse(status(404, "NotFound", "the server could not find the requested resource"));
    return;
  }
  // A server before 1.35 asks a GET for `get`, a later one for `create` as well; a world denies what it names.
  for (const verb of ["create", ...(message.method === "GET" ? ["get"] : [])]) {
    if (!isDenied(cluster, verb, "pods/exec", ask.namespace)) continue;
    refuse(forbidden(verb, { ...ask, resource: "pods/exec" }));
    return;
  }
  const pod = ask.name;
  if (!objectsOf(cluster, ask).some(({ metadata }) => metadata.name === pod)) {
    refuse(status(404, "NotFound", `pods "${pod}" not found`));
    return;
  }
  const key = message.headers["sec-websocket-key"];
  const offered = (message.headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim());
  const protocol = protocols.find((each) => offered.includes(each));
  if (key === undefined || protocol === undefined) {
    refuse(status(400, "BadRequest", "unable to upgrade: no protocol of the channel was offered"));
    return;
  }
  const accept = createHash("sha1").update(`${key}${acceptKey}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`,
  );
  const words = url.searchParams.getAll("command");
  const command = words.join(" ");
  note(command);
  const known = cluster.exec.find(
    (entry) =>
      entry.namespace === ask.namespace &&
      command.includes(entry.command) &&
      (entry.pod === undefined || entry.pod === pod) &&
      // A pod of a deployment carries its name.
      (entry.deployment === undefined || pod.startsWith(`${entry.deployment}-`)),
  );
  if (known !== undefined) {
    send(socket, 1, known.stdout);
    send(socket, 2, known.stderr ?? "");
  }
  send(socket, 3, JSON.stringify(known === undefined ? notInContainer(words[0] ?? "") : ended(known.exitCode)));
  // A close frame with code 1000.
  socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]));
}

function ended(exitCode: number): unknown {
  return exitCode === 0
    ? { metadata: {}, status: "Success" }
    : {
        metadata: {},
        status: "Failure",
        message: `command terminated with non-zero exit code: exit status ${exitCode}`,
        reason: "NonZeroExitCode",
        details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
      };
}

function notInContainer(program: string): unknown {
  return status(
    500,
    "InternalError",
    `Internal error occurred: error executing command in container: exec: "${program}": executable file not found in $PATH`,
  ).body;
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
