import { randomBytes } from "node:crypto";
import { createServer as createSilentServer, type Socket } from "node:net";
import { createServer } from "node:https";
import type { Authority } from "./certificates.ts";
import { answerExec } from "./kubernetes-exec.ts";
import { answerGet, status } from "./kubernetes-answers.ts";
import type { WorldCluster } from "./kubernetes-objects.ts";
import { listenOnLoopback, stopListening } from "./loopback-listener.ts";
import { serve } from "./loopback-server.ts";

/** The API servers of a world's clusters. */
export interface KubernetesServers {
  /** A kubeconfig (JSON, which is YAML) whose one context is named after the cluster; undefined for an unknown cluster. */
  kubeconfig(resourceId: string): string | undefined;
  /** The commands that were run in pods, in order, each as one line. */
  podCommands(): readonly string[];
  close(): Promise<void>;
}

/** Starts an HTTPS API server for each cluster. One that is not reachable takes connections and never answers. */
export async function startKubernetesServers(
  clusters: readonly WorldCluster[],
  authority: Authority,
): Promise<KubernetesServers> {
  const kubeconfigs = new Map<string, string>();
  const commands: string[] = [];
  const opened: { close(): Promise<void> }[] = [];
  const certificate = clusters.length === 0 ? undefined : await authority.issue({ names: ["localhost", "127.0.0.1"] });
  for (const cluster of clusters) {
    if (certificate === undefined) break;
    const token = randomBytes(16).toString("hex");
    const started = cluster.reachable
      ? await startServer(cluster, token, { cert: certificate.certificatePem, key: certificate.keyPem }, (command) =>
          commands.push(command),
        )
      : await startSilence();
    opened.push(started);
    const name = cluster.resourceId.split("/").at(-1) ?? cluster.resourceId;
    kubeconfigs.set(cluster.resourceId.toLowerCase(), kubeconfigOf(name, started.port, authority.pem, token));
  }
  return {
    kubeconfig: (resourceId) => kubeconfigs.get(resourceId.toLowerCase()),
    podCommands: () => commands,
    async close() {
      await Promise.all(opened.splice(0).map((server) => server.close()));
    },
  };
}

async function startServer(
  cluster: WorldCluster,
  token: string,
  certificate: { cert: string; key: string },
  note: (command: string) => void,
) {
  const server = createServer(certificate);
  server.on("upgrade", (message, socket, head) => {
    socket.on("error", () => socket.destroy());
    void answerExec(cluster, message, { socket, head }, token, note);
  });
  return serve(server, async (request) => {
    if (request.headers["authorization"] !== `Bearer ${token}`) return status(401, "Unauthorized", "Unauthorized");
    return request.method === "GET"
      ? answerGet(cluster, request)
      : status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
  });
}

async function startSilence(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createSilentServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  });
  const port = await listenOnLoopback(server);
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await stopListening(server);
    },
  };
}

function kubeconfigOf(name: string, port: number, ca: string, token: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: {
          server: `https://127.0.0.1:${port}`,
          "certificate-authority-data": Buffer.from(ca).toString("base64"),
        },
      },
    ],
    users: [{ name: "lab-user", user: { token } }],
    contexts: [{ name, context: { cluster: name, user: "lab-user" } }],
    "current-context": name,
  });
}
