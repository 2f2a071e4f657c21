import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKubernetes } from "../../src/kubernetes/kubernetes.ts";
import { accessTo, KubeconfigError } from "../../src/kubernetes/kubeconfig.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { startKubernetesServers, type KubernetesServers } from "../../src/lab/kubernetes-server.ts";

const cluster = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/${name}`;
const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "azureml-fe-1", namespace: "azureml" }, spec: {} };
const service = { apiVersion: "v1", kind: "Service", metadata: { name: "azureml-fe", namespace: "azureml" }, spec: {} };

describe("the Kubernetes port over real sockets", () => {
  let servers: KubernetesServers;
  beforeAll(async () => {
    servers = await startKubernetesServers(
      [
        {
          resourceId: cluster("aks"),
          reachable: true,
          objects: [service, pod],
          exec: [
            { namespace: "azureml", deployment: "azureml-fe", command: "nslookup", stdout: "10.0.0.4", exitCode: 0 },
          ],
          logs: [{ namespace: "azureml", pod: "azureml-fe-1", text: "one\ntwo\n" }],
          denied: [{ verb: "list", resource: "pods" }],
        },
        {
          resourceId: cluster("guarded"),
          reachable: true,
          objects: [pod],
          exec: [],
          logs: [],
          denied: [{ verb: "create", resource: "pods/exec" }],
        },
        {
          resourceId: cluster("older"),
          reachable: true,
          objects: [pod],
          exec: [],
          logs: [],
          denied: [{ verb: "get", resource: "pods/exec" }],
        },
        { resourceId: cluster("silent"), reachable: false, objects: [], exec: [], logs: [], denied: [] },
      ],
      await createAuthority("lab"),
    );
  });
  afterAll(() => servers.close());

  const port = (edit = (text: string): string => text) =>
    createKubernetes({
      kubeconfig: async (id) => {
        const text = servers.kubeconfig(id);
        return text === undefined ? undefined : { text: edit(text) };
      },
      readFile: () => Promise.reject(new Error("no files here")),
      run: () => Promise.reject(new Error("no programs here")),
      timeoutMs: 700,
      signal: new AbortController().signal,
    });

  it("lists the objects of a namespace", async () => {
    expect(await port().list(cluster("AKS"), { apiVersion: "v1", kind: "Service", namespace: "azureml" })).toEqual({
      is: "value",
      // A list says once of what kind its items are.
      value: [{ metadata: service.metadata, spec: {} }],
    });
    expect(await port().list(cluster("aks"), { apiVersion: "v1", kind: "Service", namespace: "default" })).toEqual({
      is: "value",
      value: [],
    });
  });

  it("says which access was refused", async () => {
    expect(await port().list(cluster("aks"), { apiVersion: "v1", kind: "Pod", namespace: "azureml" })).toMatchObject({
      is: "gap",
      gap: "denied",
      status: 403,
      action: "list pods in azureml",
    });
  });

  it("gives up on a cluster that does not answer", async () => {
    expect(await port().list(cluster("silent"), { apiVersion: "v1", kind: "Pod", namespace: "azureml" })).toMatchObject(
      { is: "gap", gap: "timed-out" },
    );
  });

  it("tells a missing kubeconfig", async () => {
    expect(await port().list(cluster("other"), { apiVersion: "v1", kind: "Pod" })).toMatchObject({
      is: "gap",
      gap: "error",
      code: "no-kubernetes-access",
    });
  });

  it("tells a token that no header can carry, whatever is asked", async () => {
    const broken = port((text) => {
      const kubeconfig = JSON.parse(text) as { users: { user: { token: string } }[] };
      for (const { user } of kubeconfig.users) user.token = "to\nken";
      return JSON.stringify(kubeconfig);
    });
    const refused = {
      is: "gap",
      code: "no-kubernetes-access",
      message: "the token of the context aks holds characters that no token has",
    };
    expect(await broken.list(cluster("aks"), { apiVersion: "v1", kind: "Service" })).toMatchObject(refused);
    expect(await broken.exec(cluster("aks"), lookUp("kv.vault.azure.net"))).toMatchObject(refused);
  });

  it("reads the end of a log", async () => {
    expect(await port().logs(cluster("aks"), { namespace: "azureml", pod: "azureml-fe-1", tailLines: 1 })).toEqual({
      is: "value",
      value: "two\n",
    });
  });

  const place = { namespace: "azureml", pod: "azureml-fe-1" };
  const lookUp = (host: string) => ({ ...place, command: { run: "look-up", host } as const });

  it("runs a command in a pod", async () => {
    expect(await port().exec(cluster("aks"), lookUp("kv.vault.azure.net"))).toEqual({
      is: "value",
      value: { stdout: "10.0.0.4", stderr: "", exitCode: 0 },
    });
  });

  it("tells a program that the container does not have", async () => {
    expect(
      await port().exec(cluster("aks"), { ...place, command: { run: "head", host: "kv.vault.azure.net" } }),
    ).toMatchObject({ value: { exitCode: 127 } });
  });

  it.each([
    ["guarded", "create pods/exec in azureml"],
    ["older", "create and get pods/exec in azureml"],
  ])("names the access that running a command on the cluster %s wants", async (name, action) => {
    expect(await port().exec(cluster(name), lookUp("kv.vault.azure.net"))).toMatchObject({
      is: "gap",
      gap: "denied",
      status: 403,
      action,
    });
  });

  it("finds no pod that is gone", async () => {
    expect(await port().exec(cluster("aks"), { ...lookUp("kv.vault.azure.net"), pod: "azureml-fe-2" })).toEqual({
      is: "absent",
    });
  });

  it("gives up on a channel that does not open", async () => {
    expect(await port().exec(cluster("silent"), lookUp("kv.vault.azure.net"))).toMatchObject({
      is: "gap",
      gap: "timed-out",
    });
  });

  it.each(["-version", "a b", "$(id)", "kv.vault.azure.net;id", ""])("hands %j to no program", async (host) => {
    expect(await port().exec(cluster("aks"), lookUp(host))).toMatchObject({ is: "gap", code: "strange-name" });
  });
});

describe("the context for a cluster", () => {
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://10.0.0.1" } }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [
      { name: "prod-admin", context: { cluster: "c", user: "u" } },
      { name: "elsewhere", context: { cluster: "c", user: "u" } },
    ],
    "current-context": "elsewhere",
  });

  it("is the one named after it, or after its administrator", () => {
    expect(accessTo(kubeconfig, "prod").context).toBe("prod-admin");
  });

  it("is never the current one by itself", () => {
    expect(() => accessTo(kubeconfig, "test")).toThrow(KubeconfigError);
  });

  it("is the one that was asked for", () => {
    expect(accessTo(kubeconfig, "test", "elsewhere").context).toBe("elsewhere");
  });
});
