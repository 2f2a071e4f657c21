import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { parse } from "ini";
import * as z from "zod";

/** What the Azure command line is set to, as far as we use it. Everything may be absent. */
export interface AzureDefaults {
  readonly subscription?: string;
  readonly group?: string;
  readonly workspace?: string;
  readonly cloud?: string;
  /** Subscriptions that az has signed in to, so that one can be named by name. */
  readonly subscriptions: readonly { readonly id: string; readonly name: string }[];
}

const configSchema = z.object({
  defaults: z.object({ group: z.string().optional(), workspace: z.string().optional() }).optional(),
  cloud: z.object({ name: z.string().optional() }).optional(),
});

const profileSchema = z.object({
  subscriptions: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      isDefault: z.boolean().optional(),
      environmentName: z.string().nullish(),
    }),
  ),
});

/**
 * Reads az's conventions: its `config` and `azureProfile.json` in AZURE_CONFIG_DIR (else `~/.azure`), and the variables
 * that stand above them; on a compute of Azure Machine Learning, the variables of its job. A file that is absent or
 * cannot be understood gives nothing. https://learn.microsoft.com/cli/azure/azure-cli-configuration
 */
export async function readAzureDefaults(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<AzureDefaults> {
  const folder = filled(environment["AZURE_CONFIG_DIR"]) ?? path.join(homedir(), ".azure");
  const [config, profile] = await Promise.all([
    readConfig(path.join(folder, "config")),
    readProfile(path.join(folder, "azureProfile.json")),
  ]);
  const current = profile.find((subscription) => subscription.isDefault === true);
  const subscription = first(
    environment["AZURE_SUBSCRIPTION_ID"],
    environment["AZUREML_ARM_SUBSCRIPTION"],
    current?.id,
  );
  const group = first(
    environment["AZURE_DEFAULTS_GROUP"],
    environment["AZUREML_ARM_RESOURCEGROUP"],
    config.defaults?.group,
  );
  const workspace = first(
    environment["AZURE_DEFAULTS_WORKSPACE"],
    environment["AZUREML_ARM_WORKSPACE_NAME"],
    config.defaults?.workspace,
  );
  const cloud = first(
    environment["AZURE_CLOUD_NAME"],
    environment["AZURE_CLOUD"],
    config.cloud?.name,
    current?.environmentName ?? undefined,
  );
  return {
    ...(subscription === undefined ? {} : { subscription }),
    ...(group === undefined ? {} : { group }),
    ...(workspace === undefined ? {} : { workspace }),
    ...(cloud === undefined ? {} : { cloud }),
    subscriptions: profile.map(({ id, name }) => ({ id, name })),
  };
}

async function readConfig(file: string): Promise<z.infer<typeof configSchema>> {
  const text = await readFile(file, "utf8").catch(() => "");
  return configSchema.safeParse(parse(text)).data ?? {};
}

async function readProfile(file: string): Promise<z.infer<typeof profileSchema>["subscriptions"]> {
  const text = await readFile(file, "utf8").catch(() => "");
  try {
    // az writes this file with a byte order mark.
    return profileSchema.safeParse(JSON.parse(text.replace(/^\ufeff/, ""))).data?.subscriptions ?? [];
  } catch {
    return [];
  }
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}

function first(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.map(filled).find((text) => text !== undefined);
}
