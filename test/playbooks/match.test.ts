import { describe, expect, it } from "vitest";
import { asGood, clearBest, findPlaybook } from "../../playbooks/match.ts";
import type { Playbook } from "../../src/model/playbook.ts";

const playbook = (id: string, symptom: string, errors: string[] = []): Playbook => ({
  id,
  symptom,
  errors,
  docs: [],
  steps: [{ probe: "area/*", because: "b" }],
});
const playbooks = [
  playbook("name-not-resolved", "The name of the scoring endpoint does not resolve", [
    "Could not resolve host",
    "NXDOMAIN",
  ]),
  playbook("image-pull", "The deployment cannot pull its image from the registry", [
    "ImagePullBackOff",
    "resolve host registry",
  ]),
  playbook("studio", "The studio shows an empty page"),
];

describe("a complaint", () => {
  it.each<[string, string, string[]]>([
    [
      "a fragment of an error in any case and across lines",
      "curl: (6) could not\n  RESOLVE host: x.inference.ml.azure.com",
      ["name-not-resolved"],
    ],
    [
      "the longest of several fragments",
      "could not resolve host registry.azurecr.io",
      ["name-not-resolved", "image-pull"],
    ],
    ["an error before words", "the studio shows an empty page: NXDOMAIN", ["name-not-resolved", "studio"]],
    ["words in common", "my deployment does not pull the image", ["image-pull"]],
    ["one word of a short complaint", "studio broken", ["studio"]],
    [
      "nothing for one word of a long one",
      "yesterday somebody changed something about studio and now everybody complains",
      [],
    ],
    ["nothing for words that say nothing", "the azure machine learning", []],
    ["nothing for nothing", "", []],
  ])("is led by %s", (_, complaint, ids) => {
    expect(findPlaybook(playbooks, complaint).map((candidate) => candidate.playbook.id)).toEqual(ids);
  });

  it("is answered with what matched", () => {
    expect(findPlaybook(playbooks, "nxdomain for my endpoint")).toMatchObject([{ score: 9, matched: "NXDOMAIN" }]);
  });

  it("is compared with each wording by itself", () => {
    const worded = [{ ...playbook("one", "Jobs wait"), wordings: ["Nodes are lost", "A queue grows"] }, ...playbooks];
    expect(findPlaybook(worded, "the queues are growing")).toMatchObject([{ playbook: { id: "one" } }]);
  });

  it("is never about the playbook for everything", () => {
    const all = { ...playbook("all", "Something does not work", ["broken"]), steps: [{ probe: "*", because: "b" }] };
    expect(findPlaybook([all], "something is broken")).toEqual([]);
  });
});

describe("an error fragment", () => {
  const matches = (fragment: string, text: string) =>
    findPlaybook([playbook("one", "x", [fragment])], text).length === 1;

  it.each<[string, string, string]>([
    ["whatever the quotes", "namespace 'Microsoft.Network'", "namespace “Microsoft.Network”"],
    ["with colours of a terminal", "image pull failed", "\u001b[1;31mimage\u001b[0m pull\u001b[K failed"],
    ["with colours that lost their escape", "image pull failed", "[31mimage pull[0m failed"],
    ["in a string of JSON", "pull the workspace's image", '"pull the\\nworkspace\\u0027s \\"image\\""'],
    ["in a string of JSON in a string", "pull image", "pull\\\\n\\\\timage"],
    ["in HTML", "the registry's image", "the registry&#39;s&nbsp;image"],
    ["in a table's frame", "image pull failed", "│ image pull │\n│ failed     │"],
    ["with an identifier", "in namespace default", "In-Namespace: default (7c9e6679)"],
    ["at any version of HTTP", "HTTP 503", "HTTP/1.1 503"],
    ["that goes on", "OutOfQuota", "OutOfQuotaError"],
    ["whose middle varies", "lookup ... no such host", "lookup acr1.azurecr.io on 10.0.0.10:53: no such host"],
    [
      "whose first word stands there twice",
      "lookup ... no such host",
      `lookup ${"x ".repeat(300)} lookup a: no such host`,
    ],
  ])("is found %s", (_, fragment, text) => {
    expect(matches(fragment, text)).toBe(true);
  });

  it.each<[string, string, string]>([
    ["within a word", "quota", "OutOfQuota"],
    ["a number within a longer one", "HTTP 50", "HTTP 503"],
    ["a number within an identifier", "E40001", "0fE40001-9c"],
    ["its parts in another order", "lookup ... no such host", "no such host after the lookup"],
    ["its parts far from one another", "lookup ... no such host", `lookup ${"x ".repeat(200)} no such host`],
  ])("is not %s", (_, fragment, text) => {
    expect(matches(fragment, text)).toBe(false);
  });

  it("is looked for at once in as much as a command line can hold", () => {
    const log = "lookup lookup nowhere [3 &amp \\".repeat(4000);
    const started = performance.now();
    expect(matches("lookup ... lookup ... no such host", log)).toBe(false);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe("a choice between playbooks", () => {
  const two = [playbook("a", "Pods wait", ["abcd efgh"]), playbook("b", "Nodes wait", ["ijkl mnop", "qrst"])];

  it.each<[string, string, string | undefined, string[]]>([
    ["clear by one fragment", "qrst", "b", ["b"]],
    ["clear by the longer fragment", "qrst abcd efgh", "a", ["a"]],
    ["open between fragments of one length", "abcd efgh ijkl mnop", undefined, ["a", "b"]],
    ["open between words", "wait", undefined, ["a", "b"]],
    ["clear by a word of one's own", "nodes wait", "b", ["b"]],
    ["none", "nothing of it", undefined, []],
  ])("is %s", (_, complaint, best, good) => {
    const candidates = findPlaybook(two, complaint);
    expect(clearBest(candidates)?.playbook.id).toBe(best);
    expect(asGood(candidates).map((candidate) => candidate.playbook.id)).toEqual(good);
  });
});
