import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Answer } from "./answer.ts";
import { forbidden, status } from "./kubernetes-answers.ts";
import { askOf, isDenied, objectsOf, type WorldCluster } from "./kubernetes-objects.ts";

/** Newest first. */
const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/**
 * `pods/exec` over a WebSocket, for the commands that a world knows: standard output on channel 1, standard error on 2,
 * and in the end a Status on 3. A command that the world does not know is not in the container, which the container
 * runtime says in that Status. `note` is told what was run.
 */
export async function answerExec(
  cluster: WorldCluster,
  message: IncomingMessage,
  { socket, head }: { readonly socket: Duplex; readonly head: Buffer },
  token: string,
  note: (command: string) => void,
): Promise<void> {
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
  const stored = objectsOf(cluster, ask).find(({ metadata }) => metadata.name === pod);
  if (stored === undefined) {
    refuse(status(404, "NotFound", `pods "${pod}" not found`));
    return;
  }
  const containers = stored.spec?.containers ?? [];
  if (containers.length > 1 && !containers.some(({ name }) => name === url.searchParams.get("container"))) {
    const names = containers.map(({ name }) => name).join(" ");
    refuse(status(400, "BadRequest", `a container name must be specified for pod ${pod}, choose one of: [${names}]`));
    return;
  }
  const offered = (message.headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim());
  const protocol = protocols.find((each) => offered.includes(each));
  if (protocol === undefined) {
    refuse(status(400, "BadRequest", "unable to upgrade: no protocol of the channel was offered"));
    return;
  }
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
  const { WebSocketServer } = await import("ws");
  const server = new WebSocketServer({ noServer: true, clientTracking: false, handleProtocols: () => protocol });
  server.handleUpgrade(message, socket, head, (channel) => {
    // A client that hangs up is no failure of the lab.
    channel.on("error", () => channel.terminate());
    if (known !== undefined) {
      send(channel, 1, known.stdout);
      send(channel, 2, known.stderr ?? "");
    }
    send(channel, 3, JSON.stringify(known === undefined ? notInContainer(words[0] ?? "") : ended(known.exitCode)));
    channel.close(1000);
  });
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
function send(channel: WebSocket, stream: number, text: string): void {
  if (text !== "") channel.send(Buffer.concat([Buffer.from([stream]), Buffer.from(text)]));
}
