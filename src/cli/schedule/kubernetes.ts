import { stringify } from "yaml";
import type { Schedule } from "./schedule.ts";

/** A user that no image gives rights to. */
const nobody = 65532;

const stateFolder = "/var/lib/aml-doctor";

/**
 * A CronJob with the service account it runs as and the volume that keeps its state. It fits the "restricted" Pod Security
 * Standard: no root, no privileges, a read-only file system; and it has no token for the cluster's own API.
 */
export function kubernetesCronJob(schedule: Schedule, namespace: string | undefined): string {
  const { name, program: image, checkArguments, longestSeconds, workloadIdentity } = schedule;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { "app.kubernetes.io/name": "aml-doctor", "app.kubernetes.io/instance": name },
  };
  const pod = {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    securityContext: {
      runAsNonRoot: true,
      runAsUser: nobody,
      runAsGroup: nobody,
      fsGroup: nobody,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "check",
        image,
        // Kubernetes would put variables in the place of $(NAME).
        args: ["check", ...checkArguments.map((argument) => argument.replaceAll("$(", "$$$$("))],
        env: [
          { name: "STATE_DIRECTORY", value: stateFolder },
          { name: "XDG_CACHE_HOME", value: "/tmp" },
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: {
          requests: { cpu: "100m", memory: "128Mi" },
          limits: { memory: "512Mi" },
        },
        volumeMounts: [
          { name: "state", mountPath: stateFolder },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "state", persistentVolumeClaim: { claimName: name } },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
    ],
  };
  const objects = [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: {
        ...metadata,
        ...(workloadIdentity?.clientId === undefined
          ? {}
          : { annotations: { "azure.workload.identity/client-id": workloadIdentity.clientId } }),
      },
      automountServiceAccountToken: false,
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata,
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "100Mi" } } },
    },
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata,
      spec: {
        schedule: cronOf(schedule.everyMinutes),
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 300,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          spec: {
            // The exit code tells the verdict: running it again would say the same.
            backoffLimit: 0,
            activeDeadlineSeconds: longestSeconds,
            template: {
              metadata: {
                labels: {
                  ...metadata.labels,
                  ...(workloadIdentity === undefined ? {} : { "azure.workload.identity/use": "true" }),
                },
              },
              spec: pod,
            },
          },
        },
      },
    },
  ];
  // Plain repetition: kubectl reads anchors, people should not have to.
  return objects.map((object) => `---\n${stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 })}`).join("");
}

/** A cron expression for an interval that divides an hour or a day. */
function cronOf(minutes: number): string {
  if (minutes < 60) return `*/${minutes} * * * *`;
  if (minutes === 60) return "7 * * * *";
  return minutes < 1440 ? `7 */${minutes / 60} * * *` : "7 6 * * *";
}
