import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { mapSeen, seen } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { eachOf, listAs } from "./arm-read.ts";
import { clusterIds, kubernetesAttachments } from "./kubernetes-attachments.ts";
import { text } from "./wire.ts";

/** Settings of the extension that the diagnosis reads; the others stay where they are. */
const settings = z.object({
  enableInference: text,
  inferenceRouterServiceType: text,
  inferenceRouterHA: text,
  internalLoadBalancerProvider: text,
  allowInsecureConnections: text,
  sslCname: text,
  sslSecret: text,
  sslLeafDomainLabel: text,
});

const wire = z.object({
  id: z.string(),
  name: z.string(),
  identity: z.object({ type: text, principalId: text }).nullish(),
  properties: z.object({
    extensionType: text,
    provisioningState: text,
    version: text,
    currentVersion: text,
    releaseTrain: text,
    scope: z.object({ cluster: z.object({ releaseNamespace: text }).nullish() }).nullish(),
    statuses: z.array(z.object({ code: text, displayStatus: text, level: text, message: text })).nullish(),
    errorInfo: z.object({ code: text, message: text }).nullish(),
    aksAssignedIdentity: z.object({ principalId: text, type: text }).nullish(),
    configurationSettings: settings.nullish(),
  }),
});

export const extensionSchema = wire.extend({
  /** Whether a certificate and its key were given, as a secret's name or as protected settings; their values are not read. */
  hasCertificate: z.boolean(),
});
/** The Azure Machine Learning extension of a cluster. */
export type Extension = z.infer<typeof extensionSchema>;

/** The names of settings are looked at, never their values: ARM blanks protected ones, and we would not keep them. */
const withNames = wire.extend({
  properties: wire.shape.properties.extend({
    configurationProtectedSettings: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** The Azure Machine Learning extensions of each attached cluster; an empty list when the cluster has none. */
export const kubernetesExtensions = defineFact({
  key: "arm/kubernetes-extensions",
  needs: { attachments: kubernetesAttachments },
  reads: ["Microsoft.KubernetesConfiguration/extensions/read"],
  schema: z.array(eachOf(z.array(extensionSchema))),
  async collect({ attachments }, context) {
    // Clusters attached the v1 way carry no extension: their router was installed by the attachment.
    const ids = clusterIds(attachments.filter(({ compute }) => sameText(compute.properties.computeType, "Kubernetes")));
    return seen(
      await Promise.all(
        ids.map(async (id) => {
          const listed = await listAs(
            context,
            `${id}/providers/Microsoft.KubernetesConfiguration/extensions`,
            apiVersions.kubernetesConfiguration,
            withNames,
          );
          const own = mapSeen(listed, (all) =>
            all
              .filter(({ properties }) => sameText(properties.extensionType, "Microsoft.AzureML.Kubernetes"))
              .map(extensionOf),
          );
          return { id, is: own };
        }),
      ),
    );
  },
});

function extensionOf({ properties, ...rest }: z.infer<typeof withNames>): Extension {
  const { configurationProtectedSettings, ...shown } = properties;
  const names = Object.keys(configurationProtectedSettings ?? {}).map((name) => name.toLowerCase());
  const isSet = (name: string): boolean => names.includes(name);
  const hasCertificate =
    Boolean(shown.configurationSettings?.sslSecret) || (isSet("sslcertpemfile") && isSet("sslkeypemfile"));
  return { ...rest, properties: shown, hasCertificate };
}

/** Everything that the extension says of its own failure, in one text. */
export function extensionErrors({ properties }: Extension): string {
  const { statuses, errorInfo } = properties;
  const bad = (statuses ?? []).filter(({ level }) => sameText(level, "Error"));
  return [
    ...new Set(
      [...bad.map(({ message }) => message), errorInfo?.message].filter(
        (line): line is string => typeof line === "string" && line !== "",
      ),
    ),
  ].join("\n");
}

/** Whether the service says that the extension is not installed as it should be. */
export function hasFailed({ properties }: Extension): boolean {
  return sameText(properties.provisioningState, "Failed");
}
