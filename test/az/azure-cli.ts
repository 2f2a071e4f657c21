import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../../src/lab/lab.ts";
import { sharedFolder } from "../shared-folder.ts";

/** What a command came to. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real Azure CLI, signed in at a lab. */
export interface AzureCli {
  /** Runs a command as it was printed, through a shell, so that its quoting is tested with it. */
  run(text: string): Promise<Outcome>;
  close(): Promise<void>;
}

/** Whether `az` is installed. It is asked for its version, since a name on the path may be a stub. */
export const hasAzureCli = spawnSync("az", ["version"], { timeout: 60_000, env: quiet("/nonexistent") }).status === 0;

/** Two commands of Debian's packages need the bridge that lies beside the recorded answers. */
const bridge = sharedFolder === undefined ? undefined : join(sharedFolder, "azcli/az");
const commandMs = 120_000;

/** Signs `az` in at a lab. Its configuration is a folder of its own, and nothing but this machine is asked. */
export async function signInAzureCli(lab: Lab): Promise<AzureCli> {
  const folder = await mkdtemp(join(tmpdir(), "aml-doctor-az-"));
  const bin = join(folder, "bin");
  await mkdir(bin);
  const [authority, cloud] = [join(folder, "ca.pem"), join(folder, "cloud.json")];
  await writeFile(authority, lab.certificateAuthority);
  await writeFile(cloud, JSON.stringify(cloudOf(lab)));
  // A first run looks for newer versions in the world outside, unless it believes that it did.
  await writeFile(join(folder, "versionCheck.json"), JSON.stringify(checked));
  if (bridge !== undefined && existsSync(bridge)) {
    await writeFile(join(bin, "az"), `#!/bin/sh\nexec '${bridge}' "$@"\n`);
    await chmod(join(bin, "az"), 0o755);
  }
  const env = {
    ...quiet(folder),
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    HOME: folder,
    REQUESTS_CA_BUNDLE: authority,
  };
  const run = (text: string): Promise<Outcome> =>
    new Promise((resolve) => {
      const child = execFile("sh", ["-c", text], { env, timeout: commandMs, cwd: folder }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ code, stdout, stderr });
      });
      child.stdin?.end();
    });
  const { clientId, tenantId } = lab.world.identity;
  for (const text of [
    `az cloud register --name Lab --cloud-config @${cloud}`,
    "az cloud set --name Lab",
    `az login --service-principal --username ${clientId} --password lab-secret --tenant ${tenantId}`,
  ]) {
    const { code, stderr } = await run(text);
    if (code !== 0) throw new Error(`${text}: exit code ${code}\n${stderr}`);
  }
  return { run, close: () => rm(folder, { recursive: true, force: true }) };
}

/** Variables that keep `az` from talking to anybody and from asking anything. */
function quiet(folder: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    LANG: "C.UTF-8",
    AZURE_CONFIG_DIR: folder,
    AZURE_CORE_COLLECT_TELEMETRY: "no",
    AZURE_CORE_ERROR_RECOMMENDATION: "off",
    AZURE_EXTENSION_USE_DYNAMIC_INSTALL: "no",
    AZURE_CORE_SURVEY_MESSAGE: "no",
    AZURE_AUTO_UPGRADE_ENABLE: "no",
    AZURE_CORE_NO_COLOR: "yes",
    AZURE_CORE_INSTANCE_DISCOVERY: "false",
  };
}

const checked = {
  versions: {
    "azure-cli": { local: "2.45.0" },
    core: { local: "2.45.0" },
    telemetry: { local: "1.0.8" },
  },
  update_time: "2099-01-01 00:00:00.000000",
};

/** A cloud whose every door is the lab. An authority of AD FS's form is the only one that needs no public discovery. */
function cloudOf({ armEndpoint }: Lab): Record<string, unknown> {
  return {
    endpoints: {
      activeDirectory: `${armEndpoint}/adfs`,
      activeDirectoryResourceId: `${armEndpoint}/`,
      activeDirectoryGraphResourceId: `${armEndpoint}/graph`,
      microsoftGraphResourceId: `${armEndpoint}/graph`,
      resourceManager: `${armEndpoint}/`,
      management: `${armEndpoint}/`,
      gallery: `${armEndpoint}/`,
    },
    suffixes: {
      keyvaultDns: ".vault.azure.net",
      storageEndpoint: "core.windows.net",
      acrLoginServerEndpoint: ".azurecr.io",
    },
  };
}
