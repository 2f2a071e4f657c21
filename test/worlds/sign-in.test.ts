import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { startLab, type Lab } from "../../src/lab/lab.ts";
import { parseWorld } from "../../src/lab/world.ts";
import { reportSchema } from "../../src/model/report.ts";
import { amlDoctor, type Ended } from "../cli/spawned.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { startConnectProxy } from "./connect-proxy.ts";

// Each run has a process of its own: the identity library remembers the first metadata service of a process.

const demoFile = new URL("../../src/lab/demo-world.json", import.meta.url).pathname;
const demo = parseWorld(readFileSync(demoFile, "utf8"), "demo");
const folder = temporaryFolder("sign-in");
const kinds = ["managedIdentity", "servicePrincipal"] as const;

function worldFile(kind: (typeof kinds)[number]): string {
  const file = path.join(folder, `${kind}.json`);
  writeFileSync(file, JSON.stringify({ ...demo, identity: { ...demo.identity, kind } }));
  return file;
}

/** Nobody listens there: the port is taken from the range that the system does not hand out. */
const closed = "http://127.0.0.1:9";

/** `diagnose` as against Azure itself, of a workspace that is not there, so that nothing but Azure is asked. Every host is
 * reached through `proxy`. */
async function diagnoseNothing(
  proxy: string,
  given: readonly string[],
  environment: Record<string, string>,
  lab?: Lab,
): Promise<Ended> {
  const authority = path.join(folder, "authority.pem");
  if (lab !== undefined) writeFileSync(authority, lab.certificateAuthority);
  const target = ["--subscription", demo.target.subscriptionId, "-g", demo.target.resourceGroup, "-w", "nowhere"];
  return amlDoctor(
    ["diagnose", ...target, "--deadline", "15", ...(lab === undefined ? [] : ["--ca", authority]), ...given],
    {
      // The machine's own metadata service, if it has one, is left alone.
      environment: { HTTPS_PROXY: proxy, AZURE_POD_IDENTITY_AUTHORITY_HOST: closed, ...environment },
    },
  );
}

describe("signing in to a world", () => {
  it.each(kinds)("as a %s everything can be read", async (kind) => {
    const ended = await amlDoctor(["diagnose", "--world", worldFile(kind), "--output", "json"]);
    expect(reportSchema.parse(JSON.parse(ended.stdout))).toMatchObject({
      verdict: "unhealthy",
      complete: true,
      unknowns: [],
    });
    expect(ended).toMatchObject({ exitCode: 2, stderr: "" });
  });
});

describe("signing in to Azure, through a proxy that leads to a lab", () => {
  const { tenantId, clientId } = demo.identity;
  const secret = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: "made-up-client-secret" };
  const manager = "management.azure.com:443";
  const entra = "login.microsoftonline.com:443";
  it.each([
    ["a managed identity", ["--credential", "managed-identity"], {}, [manager]],
    ["a service principal of the environment", ["--credential", "environment"], secret, [entra, manager]],
    ["what is found first", [], secret, [entra, manager]],
  ] as const)("as %s ARM answers", async (_, given, environment, asked) => {
    await using lab = await startLab(demo);
    await using proxy = await startConnectProxy(Number(new URL(lab.armEndpoint).port));
    const ended = await diagnoseNothing(
      proxy.url,
      given,
      { AZURE_POD_IDENTITY_AUTHORITY_HOST: lab.imdsEndpoint, ...environment },
      lab,
    );
    expect(ended.stderr).toContain("there is no workspace");
    expect(ended).toMatchObject({ exitCode: 65, stdout: "" });
    expect(proxy.asked()).toEqual(asked);
    expect(lab.writes()).toBe(0);
  });

  it("as nobody: the secret is not the right one", async () => {
    await using lab = await startLab(demo, { refuseSecret: true });
    await using proxy = await startConnectProxy(Number(new URL(lab.armEndpoint).port));
    const ended = await diagnoseNothing(
      proxy.url,
      ["--credential", "environment", "--log-level", "debug"],
      secret,
      lab,
    );
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain("Sign in with `az login`");
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(secret.AZURE_CLIENT_SECRET);
  });
});

/** Ids of the warnings of a run's report. */
function warningsOf(ended: Ended): readonly string[] {
  const { findings } = reportSchema.parse(JSON.parse(ended.stdout));
  return findings.filter(({ status }) => status === "warn").map(({ id }) => id);
}

describe("a managed identity that is not to be had", () => {
  const managed = ["--credential", "managed-identity", "--output", "json"];
  const { clientId } = demo.identity;
  it.each([
    ["the machine has none", "none", managed, ["cv-no-identity"]],
    ["the machine has several", "several", managed, ["cv-several-identities"]],
    ["a proxy answers in place of the metadata service", "behind-proxy", managed, ["cv-identity-endpoint-proxied"]],
    ["nothing else is there to sign in with", "none", ["--output", "json"], ["cv-no-identity"]],
    ["another one was asked for", "one", [...managed, "--client-id", "other"], ["cv-no-identity"]],
  ] as const)("%s", async (_, identities, given, warned) => {
    await using lab = await startLab(demo, { identities });
    await using proxy = await startConnectProxy(Number(new URL(lab.armEndpoint).port));
    const ended = await diagnoseNothing(proxy.url, given, { AZURE_POD_IDENTITY_AUTHORITY_HOST: lab.imdsEndpoint }, lab);
    expect(ended.exitCode, ended.stderr).toBe(3);
    expect(warningsOf(ended)).toEqual(warned);
    expect(ended.stderr, "no stack").not.toMatch(/^\s+at .+:\d+:\d+/m);
  });

  it("one of several is chosen by its client id", async () => {
    await using lab = await startLab(demo, { identities: "several" });
    await using proxy = await startConnectProxy(Number(new URL(lab.armEndpoint).port));
    const ended = await diagnoseNothing(
      proxy.url,
      [...managed, "--client-id", clientId],
      { AZURE_POD_IDENTITY_AUTHORITY_HOST: lab.imdsEndpoint },
      lab,
    );
    expect(ended).toMatchObject({ exitCode: 65, stdout: "" });
  });

  it("requests for it go to this machine, whatever Node is told of proxies", async () => {
    await using lab = await startLab(demo);
    await using proxy = await startConnectProxy(Number(new URL(lab.armEndpoint).port));
    const ended = await diagnoseNothing(
      proxy.url,
      managed,
      { AZURE_POD_IDENTITY_AUTHORITY_HOST: lab.imdsEndpoint, NODE_USE_ENV_PROXY: "1", HTTP_PROXY: closed },
      lab,
    );
    expect(ended, ended.stderr).toMatchObject({ exitCode: 65, stdout: "" });
  });
});

describe("without Azure", () => {
  it("a proxy that is not there is named, beside the missing identity", async () => {
    const ended = await diagnoseNothing(closed, ["--credential", "managed-identity", "--output", "json"], {
      AZURE_POD_IDENTITY_AUTHORITY_HOST: closed,
    });
    expect(ended.exitCode).toBe(3);
    expect(warningsOf(ended)).toEqual(["cv-no-identity", "cv-control-plane-proxy-refuses"]);
  });

  it("no metadata service: no credential", async () => {
    const ended = await diagnoseNothing(closed, ["--credential", "managed-identity"], {
      AZURE_POD_IDENTITY_AUTHORITY_HOST: closed,
    });
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toMatch(/^\S+ INCONCLUSIVE /);
    expect(ended.stderr).toContain("Azure Resource Manager told nothing of the workspace");
    expect(ended.stderr).toContain("--credential");
    expect(ended.stderr, "no stack").not.toMatch(/^\s+at .+:\d+:\d+/m);
  });

  it("a sign-in that works, and a Resource Manager that cannot be reached", async () => {
    await using lab = await startLab(demo);
    const ended = await diagnoseNothing(closed, ["--credential", "managed-identity"], {
      AZURE_POD_IDENTITY_AUTHORITY_HOST: lab.imdsEndpoint,
    });
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toMatch(/^\S+ INCONCLUSIVE /);
    expect(ended.stderr).toContain("This machine must reach https://management.azure.com");
  });
});
