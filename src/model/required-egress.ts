import { clouds, type CloudName } from "./cloud.ts";

/** What is lost without a way out: everything, mounted file shares, interactive work on instances, telemetry, the studio's
 * pages, keys of high-business-impact workspaces, public packages. */
export type EgressUse = "core" | "files" | "interactive" | "monitoring" | "studio" | "keys" | "packages";

/** One thing that computes in a customer's network must reach. */
export interface RequiredEgress {
  readonly use: EgressUse;
  readonly tag: string;
  readonly protocol: "Tcp" | "Udp";
  readonly port: number;
  /** Names to allow where a firewall goes by names; `*.` stands for any name. */
  readonly hosts: readonly string[];
  readonly purpose: string;
}

function hostOf(url: string): string {
  return new URL(url).host;
}

/**
 * What computes must reach, by service tag. Source: "Configure inbound and outbound network traffic" and "Secure an Azure
 * Machine Learning training environment", tables of required outbound rules. `region` is the workspace's, as ARM writes it.
 */
export function requiredEgress(
  region: string,
  cloudName: CloudName,
  highBusinessImpact: boolean,
): readonly RequiredEgress[] {
  const cloud = clouds[cloudName];
  const isPublic = cloudName === "AzureCloud";
  const tcp = (
    use: EgressUse,
    tag: string,
    port: number,
    hosts: readonly string[],
    purpose: string,
  ): RequiredEgress => ({ use, tag, protocol: "Tcp", port, hosts, purpose });
  return [
    tcp("core", "AzureActiveDirectory", 443, [hostOf(cloud.authority)], "signing in"),
    tcp(
      "core",
      "AzureMachineLearning",
      443,
      [`${region}.${cloud.workspaceApi}`],
      "Azure Machine Learning's own services",
    ),
    tcp(
      "core",
      `BatchNodeManagement.${region}`,
      443,
      isPublic ? [`*.${region}.service.batch.azure.com`] : [],
      "managing the nodes",
    ),
    tcp("core", "AzureResourceManager", 443, [hostOf(cloud.resourceManager)], "creating resources"),
    tcp("core", `Storage.${region}`, 443, [`*.blob.${cloud.storage}`], "data, and the service's own storage"),
    tcp(
      "core",
      `MicrosoftContainerRegistry.${region}`,
      443,
      isPublic ? ["mcr.microsoft.com"] : [],
      "Microsoft's images",
    ),
    tcp(
      "core",
      "AzureFrontDoor.FirstParty",
      443,
      isPublic ? ["*.data.mcr.microsoft.com"] : [],
      "layers of Microsoft's images",
    ),
    tcp("files", `Storage.${region}`, 445, [`*.file.${cloud.storage}`], "mounted file shares (SMB)"),
    tcp("interactive", "AzureMachineLearning", 8787, [`*.${cloud.instances}`], "work on compute instances"),
    tcp("interactive", "AzureMachineLearning", 18881, [`*.${cloud.instances}`], "work on compute instances"),
    {
      use: "interactive",
      tag: "AzureMachineLearning",
      protocol: "Udp",
      port: 5831,
      hosts: [],
      purpose: "work on compute instances",
    },
    tcp("monitoring", "AzureMonitor", 443, isPublic ? ["dc.services.visualstudio.com"] : [], "metrics and logs"),
    ...(cloudName === "AzureChinaCloud"
      ? []
      : [tcp("studio", "AzureFrontDoor.FrontEnd", 443, [cloud.studio], "the studio's pages")]),
    ...(highBusinessImpact
      ? [
          tcp(
            "keys",
            `AzureKeyVault.${region}`,
            443,
            [`*.${cloud.keyVault}`],
            "the keys of a workspace with high business impact",
          ),
        ]
      : []),
  ];
}

/** Names that environments are usually built from. */
export const packageHosts: readonly string[] = ["pypi.org", "files.pythonhosted.org"];

/** What Visual Studio Code fetches onto a compute instance. Those that lie in Azure Storage are left out: a rule for its
 * service tag may let them through. */
export const editorHosts: readonly string[] = [
  "update.code.visualstudio.com",
  "marketplace.visualstudio.com",
  "*.gallerycdn.vsassets.io",
];

/** A tag with its region, for `--destination-address-prefixes`, and its port: `Storage.eastus2 445/Tcp`. */
export function egressName({ tag, port, protocol }: RequiredEgress): string {
  return `${tag} ${port}/${protocol}`;
}
