/** The Azure clouds whose names we know. */
export type CloudName = "AzureCloud" | "AzureUSGovernment" | "AzureChinaCloud";

/** The cloud that az is in until it is set to another. */
export const firstCloud: CloudName = "AzureCloud";

/** The names and suffixes of one cloud. Sources: Microsoft Learn, "Use your workspace with a custom DNS server" and
 * "Azure private endpoint private DNS zone values". */
export interface Cloud {
  readonly name: CloudName;
  /** Azure Resource Manager, without a trailing slash. */
  readonly resourceManager: string;
  /** Entra ID authority, without a trailing slash. */
  readonly authority: string;
  /** Suffix of workspace API names: `<guid>.workspace.<region>.<suffix>`. */
  readonly workspaceApi: string;
  readonly notebooks: string;
  /** Suffix of managed online endpoints: `<endpoint>.<region>.<suffix>`. */
  readonly inference: string;
  readonly instances: string;
  readonly keyVault: string;
  /** Zone infix of key vault private link, which differs from its public suffix. */
  readonly keyVaultPrivateLink: string;
  /** Suffix after the service label: `<account>.blob.<suffix>`. */
  readonly storage: string;
  readonly registry: string;
  readonly studio: string;
}

export const clouds: Readonly<Record<CloudName, Cloud>> = {
  AzureCloud: {
    name: "AzureCloud",
    resourceManager: "https://management.azure.com",
    authority: "https://login.microsoftonline.com",
    workspaceApi: "api.azureml.ms",
    notebooks: "notebooks.azure.net",
    inference: "inference.ml.azure.com",
    instances: "instances.azureml.ms",
    keyVault: "vault.azure.net",
    keyVaultPrivateLink: "vaultcore.azure.net",
    storage: "core.windows.net",
    registry: "azurecr.io",
    studio: "ml.azure.com",
  },
  AzureUSGovernment: {
    name: "AzureUSGovernment",
    resourceManager: "https://management.usgovcloudapi.net",
    authority: "https://login.microsoftonline.us",
    workspaceApi: "api.ml.azure.us",
    notebooks: "notebooks.usgovcloudapi.net",
    inference: "inference.ml.azure.us",
    instances: "instances.ml.azure.us",
    keyVault: "vault.usgovcloudapi.net",
    keyVaultPrivateLink: "vaultcore.usgovcloudapi.net",
    storage: "core.usgovcloudapi.net",
    registry: "azurecr.us",
    studio: "ml.azure.us",
  },
  AzureChinaCloud: {
    name: "AzureChinaCloud",
    resourceManager: "https://management.chinacloudapi.cn",
    authority: "https://login.chinacloudapi.cn",
    workspaceApi: "api.ml.azure.cn",
    notebooks: "notebooks.chinacloudapi.cn",
    inference: "inference.ml.azure.cn",
    instances: "instances.azureml.cn",
    keyVault: "vault.azure.cn",
    keyVaultPrivateLink: "vaultcore.azure.cn",
    storage: "core.chinacloudapi.cn",
    registry: "azurecr.cn",
    studio: "studio.ml.azure.cn",
  },
};

/** The address at which Azure's own DNS answers inside every virtual network of every cloud. */
export const azureDnsAddress = "168.63.129.16";
