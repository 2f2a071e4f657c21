import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { computeErrors } from "./computes.ts";
import { deploymentFailures } from "./deployment-failures.ts";
import { clusterIds, kubernetesAttachments } from "./kubernetes-attachments.ts";
import { onlineEndpoints } from "./online-endpoints.ts";

const said = z.object({ clusterId: z.string(), code: z.string(), line: z.string(), source: z.string() });
/** A documented error code of Azure Machine Learning about a cluster, with its line and where the service wrote it. */
export type KubernetesError = z.infer<typeof said>;

/** Codes that tell of the cluster, from "Troubleshooting online endpoints" and "Troubleshoot Kubernetes compute". */
const codes =
  /\b(GenericClusterError|ClusterNotReachable|KubernetesUnaccessible|ClusterUnauthorized|TokenRefreshFailed|GetAADTokenFailed|RefreshExtensionIdentityNotSet|NamespaceNotFound|ComputeNotFound|ComputeNotAccessible|InvalidComputeInformation|InvalidComputeNoKubernetesConfiguration|ClusterNotFound|ClusterServiceNotFound|InferencingClientCallFailed)\b/;

/** What Azure Machine Learning itself reports about the attached clusters: errors of the computes and of failed deployments. */
export const kubernetesErrors = defineFact({
  key: "derived/kubernetes-errors",
  needs: { attachments: kubernetesAttachments, failures: raw(deploymentFailures), endpoints: raw(onlineEndpoints) },
  reads: [],
  schema: z.array(said),
  collect({ attachments, failures, endpoints: known }) {
    const failed = valueOf(failures) ?? [];
    // Some versions of the service leave the error in the deployment's own bag; the operation's address there is none.
    const bags = (valueOf(known) ?? []).flatMap(({ endpoint, deployments }) =>
      (valueOf(deployments) ?? []).flatMap(({ id, properties }) =>
        Object.values(properties.properties ?? {}).flatMap((line) =>
          line && !line.startsWith("http")
            ? [{ endpointId: endpoint.id, line, source: `${id} properties.properties` }]
            : [],
        ),
      ),
    );
    return seen(
      clusterIds(attachments).flatMap((clusterId) => {
        const own = attachments.filter((each) => sameId(each.clusterId, clusterId));
        const lines = own.flatMap(({ compute, endpoints }) => [
          ...computeErrors(compute).map((line) => ({ line, source: `${compute.id} properties.provisioningErrors` })),
          ...bags
            .filter(({ endpointId }) => endpoints.some(({ id }) => sameId(id, endpointId)))
            .map(({ line, source }) => ({ line, source })),
          ...failed
            .filter((failure) => endpoints.some((endpoint) => sameId(endpoint.id, failure.endpointId)))
            .flatMap((failure) =>
              [...failure.words, ...(valueOf(failure.log)?.codes ?? []).map((each) => each.line)].map((line) => ({
                line,
                source: `error of ${failure.deploymentId}`,
              })),
            ),
        ]);
        return lines.flatMap(({ line, source }) => {
          const code = codes.exec(line)?.[1];
          return code === undefined ? [] : [{ clusterId, code, line: line.slice(0, 400), source }];
        });
      }),
    );
  },
});

/** The first error of a cluster with one of these codes. */
export function errorOf(
  all: readonly KubernetesError[],
  clusterId: string,
  wanted: readonly string[],
): KubernetesError | undefined {
  return all.find((each) => sameId(each.clusterId, clusterId) && wanted.includes(each.code));
}
