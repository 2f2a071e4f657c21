import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { clusterIds, kubernetesAttachments } from "./kubernetes-attachments.ts";
import { kubernetesEvents } from "./kubernetes-events.ts";
import { kubernetesPods, modelOf, waitsOf } from "./kubernetes-pods.ts";
import { objectsIn } from "./kubernetes-read.ts";
import { kubernetesRouterLogs } from "./kubernetes-router-logs.ts";

/** What a line says went wrong on the network. */
export const complaintKinds = ["unresolved", "dns-silent", "timeout", "refused", "denied", "missing", "other"] as const;

const complaint = z.object({
  clusterId: z.string(),
  /** `pod blue-1 in azureml-workloads`, `event Failed of …`, `log of pod …`. */
  where: z.string(),
  text: z.string(),
  kind: z.enum(complaintKinds),
  /** The name or address that was wanted. */
  host: z.string().optional(),
  /** Set for a pull: the image. */
  image: z.string().optional(),
  endpoint: z.string().optional(),
  deployment: z.string().optional(),
});
/** One line in which the cluster itself says what it could not do. */
export type Complaint = z.infer<typeof complaint>;

const pullReasons = ["ImagePullBackOff", "ErrImagePull", "RegistryUnavailable", "ImageInspectError"];

/** What the pods, events and the router's log of each cluster complain of. */
export const kubernetesComplaints = defineFact({
  key: "derived/kubernetes-complaints",
  needs: {
    attachments: kubernetesAttachments,
    pods: raw(kubernetesPods),
    events: raw(kubernetesEvents),
    logs: raw(kubernetesRouterLogs),
  },
  reads: [],
  schema: z.array(complaint),
  collect({ attachments, pods, events, logs }) {
    return seen(
      clusterIds(attachments).flatMap((clusterId): Complaint[] => {
        const all = objectsIn(valueOf(pods) ?? [], clusterId);
        const model = (name: string) => {
          const pod = all.find(({ metadata }) => metadata.name === name);
          return pod === undefined ? {} : modelOf(pod);
        };
        const waiting = all.flatMap((pod) =>
          waitsOf(pod)
            .filter(({ reason }) => pullReasons.includes(reason))
            .map(({ reason, message, image }) =>
              complaintOf(
                clusterId,
                `pod ${pod.metadata.name} in ${pod.metadata.namespace ?? "?"}`,
                `${reason}: ${message}`,
                { image, ...modelOf(pod) },
              ),
            ),
        );
        const told = objectsIn(valueOf(events) ?? [], clusterId)
          .filter(({ type, involvedObject }) => type === "Warning" && involvedObject.kind === "Pod")
          // A pod that is gone, or ready by now, complains no more.
          .filter(
            ({ involvedObject }) =>
              all.length === 0 ||
              all.some(
                ({ metadata, status }) =>
                  metadata.name === involvedObject.name &&
                  !(status.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
              ),
          )
          .map(({ reason, message, involvedObject }) => {
            const image = /pull(?:ing)? image "?([^\s":]+(?::[^\s"]+)?)/i.exec(message ?? "")?.[1];
            return complaintOf(clusterId, `event ${reason ?? ""} of pod ${involvedObject.name ?? ""}`, message ?? "", {
              ...(image === undefined ? {} : { image: image.replace(/:$/, "") }),
              ...model(involvedObject.name ?? ""),
            });
          });
        const logged = (valueOf(logs) ?? [])
          .filter((log) => sameId(log.clusterId, clusterId))
          .flatMap(({ pod, is }) =>
            (valueOf(is) ?? []).map((line) => complaintOf(clusterId, `log of pod ${pod}`, line, {})),
          );
        return [...waiting, ...told, ...logged];
      }),
    );
  },
});

function complaintOf(
  clusterId: string,
  where: string,
  text: string,
  more: Pick<Complaint, "image" | "endpoint" | "deployment">,
): Complaint {
  const host = /lookup ([a-z0-9.-]+)/i.exec(text)?.[1] ?? /(?:https?:\/\/|dial tcp )([a-z0-9.-]+)/i.exec(text)?.[1];
  return {
    clusterId,
    where,
    text: text.slice(0, 500),
    kind: kindOf(text),
    ...(host === undefined ? {} : { host: host.toLowerCase().replace(/\.$/, "") }),
    ...more,
  };
}

function kindOf(text: string): Complaint["kind"] {
  if (/no such host|server misbehaving|NXDOMAIN|could not resolve/i.test(text)) return "unresolved";
  if (/lookup .*(?:i\/o timeout|timed out)|:53: i\/o timeout/i.test(text)) return "dns-silent";
  if (/i\/o timeout|deadline exceeded|Client\.Timeout|timed out|TLS handshake timeout/i.test(text)) return "timeout";
  if (/connection refused|connection reset/i.test(text)) return "refused";
  if (/\b401\b|\b403\b|unauthorized|authentication required|forbidden|denied/i.test(text)) return "denied";
  if (/manifest unknown|not found|\b404\b/i.test(text)) return "missing";
  return "other";
}
