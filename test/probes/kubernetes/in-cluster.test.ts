import { describe, expect, it } from "vitest";
import requiredNames from "../../../probes/aks-v1/required-names.ts";
import clusterDns from "../../../probes/kubernetes/cluster-dns.ts";
import egress from "../../../probes/kubernetes/egress.ts";
import routerAnswers from "../../../probes/kubernetes/router-answers.ts";
import type { PodAnswer } from "../../../src/facts/pod-answer.ts";
import type { PodName } from "../../../src/facts/pod-names.ts";
import type { RouterAnswers } from "../../../src/facts/router-answers.ts";
import { absent, gapAt, seen, type Observation } from "../../../src/model/observation.ts";
import { judgeWith } from "../judge.ts";
import { verdictOf } from "../verdict-of.ts";
import { clusterId, extension, view } from "./clusters.ts";

const notAsked = gapAt("commands in pods", { gap: "not-collected", why: "excluded" });
const denied = gapAt("run router in pod p", { gap: "denied", status: 403, action: "create pods/exec in azureml" });
const said = (outcome: PodAnswer["outcome"], words = "", addresses: string[] = []): Observation<PodAnswer> =>
  seen({ outcome, said: words, addresses });

describe("the router in its own pod", () => {
  const call = (scheme: "http" | "https", is: Observation<PodAnswer>): RouterAnswers["calls"][number] => ({
    scheme,
    port: 5051,
    url: `${scheme}://localhost:5051/`,
    is,
  });
  const facts = (calls: RouterAnswers["calls"], cluster = view()) => ({
    clusters: [cluster],
    answers: seen([{ clusterId, namespace: "azureml", pod: "azureml-fe-1-a", calls }]),
  });
  const [well, refused, bad] = [
    said("answered", "HTTP 404, Swagger not found"),
    said("refused", "curl: (7) refused"),
    said("tls", "curl: (35) alert"),
  ];
  const insecure = view({
    extensions: seen([extension({ configurationSettings: { allowInsecureConnections: "True" } }, false)]),
  });
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["answers", facts([call("https", well), call("http", well)]), "pass"],
    ["answers over HTTPS, which is what is wanted", facts([call("https", well), call("http", refused)]), "pass"],
    [
      "answers over HTTP, which is what is wanted",
      facts([call("https", refused), call("http", well)], insecure),
      "pass",
    ],
    ["refuses both", facts([call("https", refused), call("http", refused)]), "k8s-fe-swagger-probe"],
    [
      "ends the handshake, and answers over HTTP",
      facts([call("https", bad), call("http", well)]),
      "k8s-fe-swagger-probe",
    ],
    [
      "refuses, while scoring calls arrive",
      facts([call("https", refused)], view({ isOpen: false })),
      "k8s-fe-swagger-probe(w)",
    ],
    [
      "answers over one of two where nothing says which is wanted",
      facts([call("https", refused), call("http", well)], view({ isLegacy: true, extensions: absent })),
      "pass",
    ],
    ["was not asked", { clusters: [view()], answers: notAsked }, "skip"],
    ["may not be asked", facts([call("https", denied)]), "unknown"],
    ["has no curl", facts([call("https", said("no-program")), call("http", said("no-program"))]), "unknown"],
    ["has a port that is only named", facts([]), "unknown"],
    ["has no pod", { clusters: [view()], answers: seen([]) }, "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(routerAnswers, given)).toBe(expected);
  });

  it("names the access that is missing, and spoils no verdict", () => {
    expect(judgeWith(routerAnswers, facts([call("https", denied)]))).toMatchObject([
      { is: "unknown", permission: "create pods/exec in azureml", matters: false },
    ]);
  });
});

describe("names in the cluster's pods", () => {
  const name = (more: Partial<PodName>): PodName => ({
    clusterId,
    namespace: "azureml",
    pod: "azureml-fe-1-a",
    host: "acr.azurecr.io",
    expected: ["10.1.0.8"],
    lookUp: said("answered", "10.1.0.8", ["10.1.0.8"]),
    head: said("answered", "HTTP 401"),
    ...more,
  });
  const unresolved = name({ lookUp: said("unresolved", "NXDOMAIN"), head: said("unresolved", "curl: (6)") });
  const toPublic = name({ lookUp: said("answered", "20.1.2.3", ["20.1.2.3"]) });
  const here = (addresses: readonly string[]) =>
    seen({ names: [{ fqdn: "acr.azurecr.io", system: { name: "acr.azurecr.io", addresses } }] });
  const logged = (where: string) => ({
    clusterId,
    where,
    text: "dial tcp: lookup acr.azurecr.io: no such host",
    kind: "unresolved",
    host: "acr.azurecr.io",
  });
  const facts = (names: Observation<readonly PodName[]>, more: object = {}) => ({
    clusters: [view()],
    complaints: [],
    deployments: seen([]),
    configMaps: seen([]),
    answers: here(["10.1.0.8"]),
    podNames: names,
    ...more,
  });
  const cases: [string, Readonly<Record<string, unknown>>, string][] = [
    ["resolve", facts(seen([name({})])), "pass"],
    ["were not asked", facts(notAsked), "pass"],
    ["do not resolve", facts(seen([unresolved])), "BROKEN"],
    ["resolve to a public address that is closed", facts(seen([toPublic])), "BROKEN"],
    ["resolve to a public address, which is open", facts(seen([name({ ...toPublic, expected: [] })])), "pass"],
    ["resolve nowhere", facts(seen([unresolved]), { answers: here([]) }), "pass"],
    ["are public everywhere", facts(seen([toPublic]), { answers: here(["20.1.2.3"]) }), "pass"],
    [
      "cannot be asked for want of a program",
      facts(seen([name({ lookUp: said("no-program"), head: said("no-program") })])),
      "pass",
    ],
    [
      "did not resolve, says the log",
      facts(notAsked, { complaints: [logged("log of pod azureml-fe-1-a")] }),
      "BROKEN?",
    ],
    [
      "did not resolve, says the log, and do by now",
      facts(seen([name({})]), { complaints: [logged("log of pod azureml-fe-1-a")] }),
      "pass",
    ],
    [
      "do not resolve for a node, and do in a pod",
      facts(seen([name({})]), { complaints: [logged("pod blue-1 in models")] }),
      "BROKEN",
    ],
    ["may not be asked", facts(seen([name({ head: denied, lookUp: absent })])), "pass unknown"],
    [
      "are refused by a server that is silent",
      facts(seen([name({ lookUp: said("dns-silent", "timed out"), head: absent })])),
      "BROKEN",
    ],
  ];

  it.each(cases)("%s", (_, given, expected) => {
    expect(verdictOf(clusterDns, given)).toBe(expected.replace("BROKEN", "k8s-cluster-dns-broken"));
  });

  it.each(cases)("of a cluster of v1: %s", (_, given, expected) => {
    const old = { ...given, clusters: [view({ isLegacy: true, extensions: absent })] };
    expect(verdictOf(requiredNames, old)).toBe(expected.replace("BROKEN", "aksv1-dns-required-hosts"));
    expect(verdictOf(clusterDns, old)).toBe(expected.endsWith("unknown") ? expected : "pass");
    expect(verdictOf(requiredNames, given)).toBe("skip");
  });
});

describe("the way out of the cluster's pods", () => {
  const host = "login.microsoftonline.com";
  const logged = {
    clusterId,
    where: "log of pod azureml-fe-1-a",
    text: `Get "https://${host}/": i/o timeout`,
    kind: "timeout",
    host,
  };
  const facts = (head: Observation<PodAnswer>, complaints: readonly unknown[] = []) => ({
    clusters: [view()],
    complaints,
    configMaps: seen([]),
    podNames: seen([
      { clusterId, namespace: "azureml", pod: "azureml-fe-1-a", host, expected: [], head, lookUp: absent },
    ]),
  });
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["is open", facts(said("answered", "HTTP 200")), "pass"],
    ["drops calls to sign-in", facts(said("timeout", "curl: (28)")), "k8s-egress-blocked"],
    [
      "resets calls to sign-in, as Azure Firewall does",
      facts(said("tls", "curl: (35) OpenSSL SSL_connect: Connection reset by peer in connection to x:443")),
      "k8s-egress-blocked",
    ],
    [
      "shows a certificate of somebody else's, which is another fault",
      facts(said("tls", "curl: (60) SSL certificate problem: unable to get local issuer certificate")),
      "pass",
    ],
    ["is not known where a name does not resolve", facts(said("unresolved", "curl: (6)")), "pass"],
    ["was shut, says the log", facts(denied, [logged]), "k8s-egress-blocked?"],
    ["was shut, says the log, and is open by now", facts(said("answered", "HTTP 200"), [logged]), "pass"],
    ["was not tried", { ...facts(denied), podNames: notAsked }, "pass"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(egress, given)).toBe(expected);
  });
});
