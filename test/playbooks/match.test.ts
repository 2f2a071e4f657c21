import { describe, expect, it } from "vitest";
import { findPlaybook } from "../../playbooks/match.ts";
import type { Playbook } from "../../src/model/playbook.ts";

const playbook = (id: string, symptom: string, errors: string[] = []): Playbook => ({
  id,
  symptom,
  errors,
  docs: [],
  steps: [{ probe: "*", because: "b" }],
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
});
