import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDnsZone } from "../../src/lab/dns-zone.ts";

describe("wildcards follow RFC 4592", () => {
  const label = fc.constantFrom("a", "b", "c", "*");
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  const names = fc.uniqueArray(name, { maxLength: 6 });
  const under = (child: string, ancestor: string): boolean => child === ancestor || child.endsWith(`.${ancestor}`);

  /** The rule as the RFC words it, over the plain list of owner names. */
  function expected(owners: readonly string[], asked: string): string {
    const exists = (each: string): boolean => each === "" || owners.some((owner) => under(owner, each));
    const outcome = (owner: string): string => (owners.includes(owner) ? owner : "empty");
    if (exists(asked)) return outcome(asked);
    const labels = asked.split(".");
    const encloser = labels.map((_, index) => labels.slice(index + 1).join(".")).find(exists) ?? "";
    const source = encloser === "" ? "*" : `*.${encloser}`;
    return exists(source) ? outcome(source) : "NXDOMAIN";
  }

  it("for any records and any question", () => {
    fc.assert(
      fc.property(names, name, (owners, asked) => {
        const zone = createDnsZone(owners.map((owner, index) => ({ name: owner, type: "A", data: `10.0.0.${index}` })));
        const { rcode, answers } = zone.resolve(asked, "A");
        const [first] = answers;
        const got =
          rcode === "NXDOMAIN"
            ? rcode
            : first?.type === "A"
              ? (owners[Number(first.data.split(".")[3])] ?? "?")
              : "empty";
        expect(got).toBe(expected(owners, asked));
        if (first !== undefined) expect(first.name).toBe(asked);
      }),
      { numRuns: 2000 },
    );
  });
});
