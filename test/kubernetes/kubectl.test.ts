import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLab, type Lab } from "../../src/lab/lab.ts";
import { baseline } from "../worlds/edit.ts";
import { addObject, cluster } from "../worlds/edit-cluster.ts";

const runFile = promisify(execFile);
const isThere = spawnSync("kubectl", ["version", "--client"], { timeout: 20_000 }).status === 0;

/** What a real client makes of the lab: what we test against is what Kubernetes is. */
describe.skipIf(!isThere)(isThere ? "kubectl against the lab" : "kubectl is not on this machine: skipped", () => {
  let lab: Lab;
  let folder: string;

  beforeAll(async () => {
    const world = baseline("kubernetes");
    addObject(world, "Event", "azureml", "azureml-fe.17", {
      type: "Warning",
      reason: "BackOff",
      message: "Back-off restarting failed container",
      involvedObject: { kind: "Pod", name: "azureml-fe-6c9d7f8b5c-kq7zm", namespace: "azureml" },
    });
    cluster(world).exec.push({
      namespace: "azureml",
      deployment: "azureml-fe",
      command: "nslookup",
      stdout: "",
      stderr: "nslookup: can't resolve\n",
      exitCode: 3,
    });
    cluster(world).denied.push(
      { verb: "list", resource: "secrets" },
      { verb: "create", resource: "pods/exec", namespace: "default" },
    );
    addObject(world, "Pod", "default", "web-1", {
      spec: { containers: [{ name: "web" }] },
      status: { phase: "Running" },
    });
    lab = await startLab(world);
    folder = await mkdtemp(path.join(tmpdir(), "kubectl-"));
    const kubeconfig = lab.kubeconfig(cluster(world).resourceId);
    await writeFile(path.join(folder, "config"), kubeconfig ?? "", { mode: 0o600 });
  });
  afterAll(async () => {
    await lab.close();
    await rm(folder, { recursive: true });
  });

  async function kubectl(...words: readonly string[]): Promise<{ stdout: string; stderr: string; code: number }> {
    const env = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: path.join(folder, "config") };
    try {
      const { stdout, stderr } = await runFile("kubectl", [...words], { env, timeout: 30_000 });
      return { stdout, stderr, code: 0 };
    } catch (error) {
      const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
      return { stdout, stderr, code };
    }
  }

  it.each([
    ["deployments", ["get", "deploy", "-n", "azureml"], "azureml-fe"],
    ["services", ["get", "svc", "-n", "azureml", "-o", "jsonpath={.items[*].spec.ports[*].targetPort}"], "5001 5051"],
    [
      "pods, by label",
      ["get", "pods", "-n", "azureml", "-l", "app=azureml-fe", "-o", "name"],
      "pod/azureml-fe-6c9d7f8b5c-kq7zm",
    ],
    [
      "one pod",
      ["get", "pod", "-n", "azureml", "azureml-fe-6c9d7f8b5c-kq7zm", "-o", "jsonpath={.status.podIP}"],
      "10.244.0.21",
    ],
    ["events", ["get", "events", "-n", "azureml", "-o", "jsonpath={.items[*].message}"], "Back-off restarting"],
    ["nodes", ["get", "nodes", "-o", "name"], "node/aks-nodepool1-31770812-vmss000000"],
    [
      "the log of a deployment's pod",
      ["logs", "-n", "azureml", "deployment/azureml-fe", "--tail=1"],
      "endpoint score1",
    ],
  ])("gets %s", async (_, words, expected) => {
    const { stdout, stderr, code } = await kubectl(...words);
    expect({ stderr, code }).toEqual({ stderr: expect.any(String) as string, code: 0 });
    expect(stdout).toContain(expected);
  });

  it("runs a command in a deployment's pod", async () => {
    const { stdout, code } = await kubectl(
      "exec",
      "-n",
      "azureml",
      "deploy/azureml-fe",
      "--",
      "curl",
      "-sik",
      "https://localhost:5051/",
    );
    expect({ code, isAnswered: stdout.includes("Swagger not found") }).toEqual({ code: 0, isAnswered: true });
  });

  it("is told how a command ended", async () => {
    const { stderr, code } = await kubectl(
      "exec",
      "-n",
      "azureml",
      "azureml-fe-6c9d7f8b5c-kq7zm",
      "--",
      "nslookup",
      "x",
    );
    expect({ code, isSaid: stderr.includes("can't resolve") }).toEqual({ code: 3, isSaid: true });
  });

  it("is told of a program that is not in the container", async () => {
    const { stderr, code } = await kubectl("exec", "-n", "azureml", "azureml-fe-6c9d7f8b5c-kq7zm", "--", "wget", "x");
    expect(code).toBe(1);
    expect(stderr).toContain("executable file not found");
  });

  it.each([
    ["a list", ["get", "secrets", "-n", "azureml"], /secrets is forbidden: .*cannot list resource "secrets"/],
    ["a command", ["exec", "-n", "default", "web-1", "--", "id"], /forbidden|405|not allow/i],
    ["a pod that is not there", ["get", "pod", "-n", "azureml", "gone"], /pods "gone" not found/],
  ])("is refused %s", async (_, words, expected) => {
    const { stderr, code } = await kubectl(...words);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
  });
});
