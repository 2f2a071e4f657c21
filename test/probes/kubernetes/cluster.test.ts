import { describe, expect, it } from "vitest";
import clusterState from "../../../probes/kubernetes/cluster-state.ts";
import extensionProbe from "../../../probes/kubernetes/extension.ts";
import legacyRouter from "../../../probes/kubernetes/legacy-router.ts";
import publicName from "../../../probes/kubernetes/public-name.ts";
import region from "../../../probes/kubernetes/region.ts";
import type { Verdict } from "../../../src/model/finding.ts";
import { absent, gapAt, seen } from "../../../src/model/observation.ts";
import { judgeWith } from "../judge.ts";
import { clusterId, extension, extensionId, managed, view } from "./clusters.ts";

const shown = (verdicts: readonly Verdict[]) =>
  verdicts.map((verdict) => (verdict.is === "found" ? `found ${verdict.reason}` : verdict.is));
const failed = (message: string) =>
  extension({ provisioningState: "Failed", statuses: [{ code: "InstallationFailed", level: "Error", message }] });
const denied = gapAt("list deployments in default", {
  gap: "denied",
  status: 403,
  action: "list deployments in default",
});
const workspace = {
  id: "/w",
  name: "w",
  location: "East US 2",
  properties: { privateEndpointConnections: [{ id: "/w/c" }] },
};

describe("the cluster", () => {
  it.each([
    ["runs", view(), ["pass"]],
    [
      "is stopped",
      view({ isStopped: true, managed: seen(managed({ powerState: { code: "Stopped" } })) }),
      ["found k8s-cluster-stopped"],
    ],
    ["could not be read", view({ managed: gapAt("GET", { gap: "denied", status: 403 }) }), ["unknown"]],
  ])("%s", (_, cluster, expected) => {
    expect(shown(judgeWith(clusterState, { clusters: [cluster], online: seen([]) }))).toEqual(expected);
  });

  const stopped = { isStopped: true, managed: seen(managed({ powerState: { code: "Stopped" } })) };
  const online = { id: "/e", name: "e" };
  it.each([
    ["an endpoint runs on it", view({ ...stopped, endpoints: [online] }), seen([]), undefined],
    ["no endpoint runs on it", view(stopped), seen([]), "warning"],
    ["the endpoint that was asked for is not there", view(stopped), absent, undefined],
    ["the endpoints may not be read", view(stopped), gapAt("GET", { gap: "denied", status: 403 }), undefined],
    ["it serves v1", view({ ...stopped, isLegacy: true }), seen([]), undefined],
  ])("is stopped: %s", (_, cluster, endpoints, as) => {
    const [said] = judgeWith(clusterState, { clusters: [cluster], online: endpoints });
    expect(said).toMatchObject({ reason: "k8s-cluster-stopped" });
    expect(said?.is === "found" && said.as).toBe(as);
  });

  it.each([
    ["the region written otherwise", managed(), workspace, ["pass"]],
    ["another region", managed({}, "westus2"), workspace, ["found k8s-region-mismatch"]],
    [
      "another region of a workspace without private endpoint",
      managed({}, "westus2"),
      { ...workspace, properties: {} },
      ["skip"],
    ],
  ])("stands in %s", (_, cluster, space, expected) => {
    expect(shown(judgeWith(region, { clusters: [view({ managed: seen(cluster) })], workspace: space }))).toEqual(
      expected,
    );
  });

  it.each([
    ["no public name", managed(), ["pass"]],
    [
      "a public name",
      managed({
        apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true },
        fqdn: "a.azmk8s.io",
      }),
      ["found k8s-private-aks-public-fqdn"],
    ],
    ["neither flag nor name", managed({ apiServerAccessProfile: { enablePrivateCluster: true } }), ["pass"]],
    ["a public API server", managed({ apiServerAccessProfile: null, fqdn: "a.azmk8s.io" }), ["skip"]],
  ])("has %s", (_, cluster, expected) => {
    expect(shown(judgeWith(publicName, { clusters: [view({ managed: seen(cluster) })] }))).toEqual(expected);
  });
});

describe("the extension", () => {
  it.each([
    ["is well", extension(), ["pass"]],
    ["failed", failed("E45002 prometheus"), ["found k8s-extension-unhealthy"]],
    [
      "has no certificate",
      { ...failed("ErrorCode: E40007 INVALID_SSL_SETTING"), hasCertificate: false },
      ["found k8s-extension-unhealthy", "found k8s-extension-tls-config-missing"],
    ],
    [
      "has a certificate that it refuses",
      failed("ErrorCode: E40007 INVALID_SSL_SETTING"),
      ["found k8s-extension-unhealthy"],
    ],
  ])("%s", (_, one, expected) => {
    expect(
      shown(judgeWith(extensionProbe, { clusters: [view({ extensions: seen([one]) })], configMaps: seen([]) })),
    ).toEqual(expected);
  });

  it("meets a router of v1", () => {
    const clusters = [view({ extensions: seen([failed("ErrorCode: E45005 Azureml Fe deployment conflict")]) })];
    const [verdict] = judgeWith(legacyRouter, { clusters, deployments: seen([]), configMaps: seen([]) });
    expect(verdict).toMatchObject({
      is: "found",
      reason: "k8s-legacy-fe-conflict",
      subject: extensionId,
      confidence: "confirmed",
      about: [clusterId, "score.example.com"],
    });
  });

  it("is well beside a router of v1 that nobody minds", () => {
    const legacy = { metadata: { name: "azureml-fe" }, spec: { replicas: 1 } };
    expect(
      shown(
        judgeWith(legacyRouter, {
          clusters: [view()],
          deployments: seen([{ clusterId, namespace: "default", is: seen([legacy]) }]),
          configMaps: seen([]),
        }),
      ),
    ).toEqual(["pass"]);
  });

  it("asks for the access that would show the router of v1", () => {
    const clusters = [view({ extensions: seen([failed("ErrorCode: E45005")]) })];
    const verdicts = judgeWith(legacyRouter, {
      clusters,
      deployments: seen([{ clusterId, namespace: "default", is: denied }]),
      configMaps: seen([]),
    });
    expect(verdicts.at(1)).toMatchObject({ is: "unknown", permission: "list deployments in default", matters: true });
  });
});
