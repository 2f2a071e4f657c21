import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const lists: Readonly<Record<string, object>> = {
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/apis": {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: [
      {
        name: "batch",
        versions: [{ groupVersion: "batch/v1", version: "v1" }],
        preferredVersion: { groupVersion: "batch/v1", version: "v1" },
      },
    ],
  },
  "/api/v1": resources("v1", [
    ["serviceaccounts", "ServiceAccount"],
    ["persistentvolumeclaims", "PersistentVolumeClaim"],
  ]),
  "/apis/batch/v1": resources("batch/v1", [["cronjobs", "CronJob"]]),
};

function resources(groupVersion: string, kinds: readonly (readonly [name: string, kind: string])[]): object {
  return {
    kind: "APIResourceList",
    groupVersion,
    resources: kinds.map(([name, kind]) => ({
      name,
      kind,
      singularName: "",
      namespaced: true,
      verbs: ["create", "get"],
    })),
  };
}

/** A Kubernetes API that knows the kinds of a schedule and nothing else: what `kubectl create --dry-run=client` asks. */
export async function startDiscovery(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = lists[new URL(request.url ?? "/", "http://cluster").pathname];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { kind: "Status", status: "Failure", code: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
