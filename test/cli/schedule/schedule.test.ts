import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { create } from "xmlbuilder2";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseAllDocuments } from "yaml";
import { runCommandLine } from "../../../src/cli/command-line.ts";
import { plainName } from "../../../src/cli/schedule/schedule.ts";
import { give } from "../../reporters/consumers.ts";
import { expectGolden } from "../../reporters/golden.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { startDiscovery } from "./discovery-server.ts";

const start = fileURLToPath(new URL("../../../src/cli/start.js", import.meta.url));
const target = ["--subscription", "00000000-0000-4000-8000-000000000001", "--group", "rg-ml", "--workspace", "mlprod"];

/** What `schedule` prints, in this process. */
async function schedule(...given: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = { stdout: "", stderr: "" };
  stdout.on("data", (chunk: Buffer) => (texts.stdout += chunk.toString()));
  stderr.on("data", (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const exitCode = await runCommandLine(
    { argv: ["node", "x", "schedule", ...given], env: {}, stdout, stderr },
    new AbortController().signal,
  );
  return { exitCode, ...texts };
}

describe("schedule systemd", () => {
  it("prints a service and a timer, as in its golden", async () => {
    const { exitCode, stdout } = await schedule(
      "systemd",
      "--every",
      "15m",
      "--",
      ...target,
      "--output",
      "openmetrics=/var/lib/node-exporter/aml.prom",
      "--jitter",
      "30",
    );
    expect(exitCode).toBe(0);
    expectGolden("schedule-systemd", stdout);
  });

  it("takes hostile names literally", async () => {
    const { stdout } = await schedule(
      "systemd",
      "--unit",
      "service",
      "--",
      "--subscription",
      "s",
      "-g",
      "rg",
      "-w",
      'ml %h $HOME "x" \\',
    );
    expect(stdout).toContain(
      'ExecStart=/usr/local/bin/aml-doctor check --subscription s -g rg -w "ml %%h $$HOME \\"x\\" \\\\"\n',
    );
    expect(stdout).toContain("Description=aml-doctor check of ml %%h ");
  });

  it("passes systemd-analyze verify, and its security review", async () => {
    const folder = temporaryFolder("units", onTestFinished);
    const files: string[] = [];
    for (const unit of ["service", "timer"]) {
      const { stdout } = await schedule("systemd", "--program", start, "--unit", unit, "--", ...target);
      files.push(path.join(folder, `aml-doctor-mlprod.${unit}`));
      writeFileSync(files.at(-1)!, stdout);
    }
    const verified = give("systemd-analyze", ["verify", "--man=no", ...files], "");
    if (verified === undefined) {
      console.warn("skipped: systemd-analyze is not installed");
      return;
    }
    // What the machine's own units have to complain about is not ours.
    expect(verified.output.split("\n").filter((line) => line.includes("aml-doctor"))).toEqual([]);
    expect(verified.exitCode).toBe(0);
    const review = give("systemd-analyze", ["security", "--offline=true", "--no-pager", files[0]!], "");
    expect(Number(/exposure level for \S+: ([\d.]+)/.exec(review?.output ?? "")?.[1]), review?.output).toBeLessThan(2);
  });
});

describe("schedule windows", () => {
  it("prints a task, as in its golden, in ASCII", async () => {
    const { exitCode, stdout } = await schedule(
      "windows",
      "--",
      ...target,
      "--output",
      "text=C:\\Logs\\aml doctor\\é.txt",
    );
    expect(exitCode).toBe(0);
    expectGolden("schedule-windows", stdout);
    expect(stdout).toMatch(/^[\n\x20-\x7e]+$/);
  });

  it("has its elements in the order in which Windows writes them, the only one that every version reads", async () => {
    const task = create((await schedule("windows", "--", ...target)).stdout);
    const childrenOf = (name: string) =>
      [...(task.find(({ node }) => node.nodeName === name, false, true)?.node.childNodes ?? [])]
        .map(({ nodeName }) => nodeName)
        .filter((child) => child !== "#text");
    expect(childrenOf("Task")).toEqual(["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]);
    expect(childrenOf("TimeTrigger")).toEqual(["Repetition", "StartBoundary", "Enabled", "RandomDelay"]);
    expect(childrenOf("Repetition")).toEqual(["Interval", "StopAtDurationEnd"]);
    expect(childrenOf("Exec")).toEqual(["Command", "Arguments"]);
  });

  it.each([
    ["plain", "plain"],
    ["two words", '"two words"'],
    ['a "quote"', '"a \\"quote\\""'],
    ["ends in \\", '"ends in \\\\"'],
    ["<&>", "<&>"],
  ])("hands over the argument %s whole", async (name, written) => {
    const { stdout } = await schedule("windows", "--", "--subscription", "s", "-g", "rg", "-w", name);
    const read = create(stdout).find(({ node }) => node.nodeName === "Arguments", false, true);
    expect(read?.node.textContent).toBe(`check --subscription s -g rg -w ${written}`);
  });
});

describe("schedule kubernetes", () => {
  const given = [
    "kubernetes",
    "--image",
    "acrmlprod.azurecr.io/aml-doctor:1",
    "--every",
    "6h",
    "--namespace",
    "ops",
    "--",
  ];

  it("prints a CronJob and what it needs, as in its golden", async () => {
    const { exitCode, stdout } = await schedule(...given, ...target, "--credential", "workload-identity");
    expect(exitCode).toBe(0);
    expectGolden("schedule-kubernetes", stdout);
  });

  it("fits the restricted Pod Security Standard", async () => {
    const documents = parseAllDocuments((await schedule(...given, ...target)).stdout).map((document) =>
      document.toJS(),
    );
    const pod = documents.find(({ kind }) => kind === "CronJob").spec.jobTemplate.spec.template.spec;
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  it("takes names literally, and lets workload identity know who it is", async () => {
    const { stdout } = await schedule(
      ...given,
      ...target,
      "-e",
      "$(HOME)",
      "--credential",
      "workload-identity",
      "--client-id",
      "c1",
    );
    const [account, , job] = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(account.metadata.annotations).toEqual({ "azure.workload.identity/client-id": "c1" });
    expect(job.spec.jobTemplate.spec.template.spec.containers[0].args).toContain("$$(HOME)");
  });

  it("passes kubectl create --dry-run=client", async () => {
    const { stdout } = await schedule(...given, ...target);
    const cluster = await startDiscovery();
    try {
      const said = await kubectl(
        ["--server", cluster.url, "create", "--dry-run=client", "--validate=false", "-f", "-"],
        stdout,
      );
      if (said === undefined) {
        console.warn("skipped: kubectl is not installed");
        return;
      }
      expect(said).toEqual({
        exitCode: 0,
        output: [
          "serviceaccount/aml-doctor-mlprod",
          "persistentvolumeclaim/aml-doctor-mlprod",
          "cronjob.batch/aml-doctor-mlprod",
        ]
          .map((object) => `${object} created (dry run)\n`)
          .join(""),
      });
    } finally {
      await cluster.close();
    }
  });
});

describe("schedule", () => {
  it.each([
    ["an incomplete target", ["systemd", "--", "-w", "ml"], "needs --subscription, --group and --workspace"],
    ["options that check does not know", ["systemd", "--", ...target, "--nonsense"], "unknown option '--nonsense'"],
    ["values that check refuses", ["systemd", "--", ...target, "--output", "yaml"], "Allowed formats are"],
    ["a simulated estate", ["systemd", "--", ...target, "--world", "x"], "--world makes no sense"],
    ["a relative path", ["systemd", "--", ...target, "--output", "json=report.json"], "whole path of report.json"],
    ["a line end", ["systemd", "--", ...target, "--endpoint", "a\nExecStartPre=b"], "control character"],
    ["an odd interval", ["systemd", "--every", "7m", "--", ...target], "It is 5m, 10m"],
    ["no image", ["kubernetes", "--", ...target], "--image"],
  ])("refuses %s", async (_, given, why) => {
    const ended = await schedule(...given);
    expect(ended).toMatchObject({ exitCode: 64, stdout: "" });
    expect(ended.stderr).toContain(why);
  });

  it.each([
    ["aml-doctor-mlprod", "aml-doctor-mlprod"],
    ["Ümläut_Workspace!", "ml-ut-workspace"],
    ["x".repeat(80), "x".repeat(52)],
    ["???", "aml-doctor"],
  ])("names %s as every scheduler takes it", (given, name) => {
    expect(plainName(given)).toBe(name);
  });
});

/** Runs kubectl with no configuration of its own; the server is in this process, which must not be blocked. */
function kubectl(given: readonly string[], text: string): Promise<{ exitCode: number; output: string } | undefined> {
  return new Promise((resolve) => {
    const child = execFile(
      "kubectl",
      [...given],
      {
        timeout: 15_000,
        env: {
          PATH: process.env["PATH"],
          HOME: temporaryFolder("kube", onTestFinished),
          KUBECONFIG: "/dev/null",
        },
      },
      (error, stdout, stderr) => {
        if (error?.code === "ENOENT") {
          resolve(undefined);
          return;
        }
        resolve({
          exitCode: typeof error?.code === "number" ? error.code : error === null ? 0 : -1,
          output: `${stdout}${stderr}`,
        });
      },
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(text);
  });
}
