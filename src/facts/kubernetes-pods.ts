import * as z from "zod";
import { extensionNamespace, kubernetesList, legacyNamespace, metadata, systemNamespace } from "./kubernetes-read.ts";

const waiting = z.object({ reason: z.string().nullish(), message: z.string().nullish() });
const terminated = z.object({ exitCode: z.number(), reason: z.string().nullish() });
const containerStatus = z.object({
  name: z.string(),
  image: z.string().nullish(),
  ready: z.boolean().nullish(),
  restartCount: z.number().nullish(),
  state: z.object({ waiting: waiting.nullish(), terminated: terminated.nullish() }).nullish(),
  lastState: z.object({ terminated: terminated.nullish() }).nullish(),
});

/** Of a container's environment only what names a proxy is kept, without the credentials in it. */
const environment = z
  .array(z.object({ name: z.string(), value: z.string().nullish() }))
  .transform((all) =>
    all
      .filter(({ name }) => /^(?:https?|all|no)_proxy$/i.test(name))
      .map(({ name, value }) => ({ name, value: (value ?? "").replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1***@") })),
  );
const container = z.object({
  name: z.string(),
  env: environment.nullish(),
  ports: z.array(z.object({ name: z.string().nullish(), containerPort: z.number() })).nullish(),
});

export const podSchema = z.object({
  metadata,
  spec: z.object({ hostNetwork: z.boolean().nullish(), containers: z.array(container).nullish() }).nullish(),
  status: z.object({
    phase: z.string().nullish(),
    podIP: z.string().nullish(),
    conditions: z
      .array(
        z.object({ type: z.string(), status: z.string(), reason: z.string().nullish(), message: z.string().nullish() }),
      )
      .nullish(),
    initContainerStatuses: z.array(containerStatus).nullish(),
    containerStatuses: z.array(containerStatus).nullish(),
  }),
});
export type Pod = z.infer<typeof podSchema>;

/** Pods of the extension, of a v1 router, of the cluster's own DNS, and of the models. */
export const kubernetesPods = kubernetesList({
  key: "kubernetes/pods",
  apiVersion: "v1",
  kind: "Pod",
  schema: podSchema,
  namespaces: (own) => [extensionNamespace, legacyNamespace, systemNamespace, ...own.map(({ namespace }) => namespace)],
});

/** What a pod's containers wait for, init containers first. */
export function waitsOf({ status }: Pod): { container: string; image: string; reason: string; message: string }[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].flatMap(
    ({ name, image, state }) => {
      const wait = state?.waiting;
      return wait
        ? [{ container: name, image: image ?? "", reason: wait.reason ?? "", message: wait.message ?? "" }]
        : [];
    },
  );
}

/** Whether a pod is ready. */
export function isReady({ status }: Pod): boolean {
  return (status.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True");
}

/** Endpoint and deployment that a model's pod belongs to, as the extension labels it. */
export function modelOf({ metadata: { labels } }: Pod): { endpoint?: string; deployment?: string } {
  const endpoint = labels?.["ml.azure.com/endpoint-name"];
  const deployment = labels?.["ml.azure.com/deployment-name"];
  return { ...(endpoint === undefined ? {} : { endpoint }), ...(deployment === undefined ? {} : { deployment }) };
}

/** The container of a router's pod that routes. Its others are helpers, and an API server wants the name where a pod has
 * more than one. */
export function routerContainer({ spec }: Pod): string | undefined {
  const names = (spec?.containers ?? []).map(({ name }) => name);
  return names.find((name) => name.startsWith("azureml-fe")) ?? names[0];
}
