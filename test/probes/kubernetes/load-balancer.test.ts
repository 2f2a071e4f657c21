import { describe, expect, it } from "vitest";
import loadBalancer from "../../../probes/kubernetes/load-balancer.ts";
import { gapAt, seen, type Observation } from "../../../src/model/observation.ts";
import { judgeWith } from "../judge.ts";
import { clusterId, view } from "./clusters.ts";

const subnet = "/subscriptions/s/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/lb";
const service = (ingress: readonly string[]) => ({
  metadata: { name: "azureml-fe" },
  spec: { type: "LoadBalancer" },
  status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } },
});
const event = (message: string) => ({
  type: "Warning",
  reason: "SyncLoadBalancerFailed",
  message,
  involvedObject: { kind: "Service", name: "azureml-fe" },
});
const list = (is: Observation<unknown>) => seen([{ clusterId, namespace: "azureml", is }]);
const workspace = { id: "/w", name: "w", properties: { publicNetworkAccess: "Disabled" } };
const judge = (services: Observation<unknown>, events: readonly unknown[]) =>
  judgeWith(loadBalancer, { clusters: [view()], services: list(services), events: list(seen(events)), workspace })[0];

describe("the router's load balancer", () => {
  it("has an address of the network", () => {
    expect(judge(seen([service(["10.1.4.10"])]), [])).toMatchObject({ is: "pass" });
  });

  it("was refused its subnet", () => {
    const message = `HTTPStatusCode: 403, "code":"AuthorizationFailed","message":"The client 'p' with object id 'p1' does not have authorization to perform action 'Microsoft.Network/virtualNetworks/subnets/read' over scope '${subnet}' or the scope is invalid."`;
    expect(judge(seen([service([])]), [event(message)])).toMatchObject({
      reason: "k8s-lb-subnet-permission-missing",
      data: { principal: "p1", subnet },
    });
  });

  it("waits for another reason that the event tells", () => {
    expect(judge(seen([service([])]), [event("quota exceeded")])).toMatchObject({ is: "unknown" });
  });

  it("is public although the workspace is private", () => {
    expect(judge(seen([service(["20.1.2.3"])]), [])).toMatchObject({ reason: "k8s-public-lb-exposed" });
  });

  it("could not be looked at", () => {
    const denied = gapAt("list services in azureml", {
      gap: "denied",
      status: 403,
      action: "list services in azureml",
    });
    expect(judge(denied, [])).toMatchObject({ is: "unknown", permission: "list services in azureml" });
  });
});
