import { serverAddress } from "../../src/model/address.ts";
import { dnsEvidence } from "../../src/model/evidence.ts";
import { setForwarders } from "../../src/model/dns-remedies.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { instanceAnswers } from "../../src/facts/instance-answers.ts";
import { expectedAddresses, leadsIn, paths } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns";

/**
 * A compute instance's name leads to the workspace's private endpoint, not to the instance. Judged only where the
 * workspace's own name already resolves rightly at the same server: otherwise both have one cause, told elsewhere.
 */
export default defineProbe({
  id: "dns/compute-instances",
  title: "Compute instances resolve to the workspace's private endpoint",
  layer: "dns",
  docs: [docs],
  needs: { paths, vantage, answers: instanceAnswers },
  consequence: "Whether compute instances can be opened from here",
  advisory: true,
  reasons: {
    "dns-compute-instance-fqdn": reason<{
      fqdn: string;
      got: readonly string[];
      expected: readonly string[];
      server: string;
      suffix: string;
      inAzure: boolean;
    }>({
      severity: "error",
      title: "A compute instance's name does not resolve to the workspace's private endpoint",
      detail: ({ fqdn, got, expected, server }) =>
        `${server} resolves ${fqdn} to ${got.join(", ") || "nothing"}, expected ${expected.join(", ")}, the address of the workspace itself.`,
      fix: ({ fqdn, server, suffix, inAzure }) =>
        setForwarders({ server, inAzure, suffixes: [suffix], names: [fqdn], sample: fqdn }),
      rivals: ["dns-custom-no-forwarder", "dns-record-missing-workspace"],
    }),
  },
  judge({ paths: all, vantage: here, answers }, say) {
    if (answers.length === 0) return say.skip("the workspace has no compute instance that runs", here.name);
    const home = all.find(({ name }) => name.service === "workspace-api");
    const first = home?.resolvers[0];
    if (!home?.needsPrivate || first === undefined)
      return say.skip("the workspace's own name does not have to resolve to a private address", here.name);
    if (!leadsIn(home, first.relation, first.answer.addresses))
      return say.skip("the workspace's own name resolves wrongly too: that is looked at by itself", here.name);
    const expected = expectedAddresses(home);
    return answers.map(({ computeId, fqdn, here: answer, azure }): Verdict => {
      const right = (addresses: readonly string[]): boolean =>
        addresses.length > 0 &&
        addresses.every((address) => first.answer.addresses.includes(address) || expected.includes(address));
      if (answer?.outcome !== "answered")
        return say.unknown("the DNS server did not answer for this name", { subject: fqdn, matters: false });
      if (answer.rcode !== "NOERROR" && answer.rcode !== "NXDOMAIN")
        return say.unknown(`${serverAddress(answer.server)} fails on this name (${answer.rcode ?? "no code"})`, {
          subject: fqdn,
          matters: false,
        });
      if (right(answer.addresses)) return say.pass(undefined, { subject: fqdn, evidence: [dnsEvidence(answer)] });
      const denied = answer.addresses.length === 0;
      // Documents disagree on the suffix: a name that nobody knows may be the wrong one of the two.
      const nobodyKnows = denied && !right(azure.addresses);
      return say.found("dns-compute-instance-fqdn", {
        subject: fqdn,
        about: [computeId, home.name.alias],
        data: {
          fqdn,
          got: answer.addresses,
          expected,
          server: serverAddress(answer.server),
          suffix: fqdn.split(".").slice(2).join("."),
          inAzure: here.vnetId !== undefined,
        },
        evidence: [dnsEvidence(answer, expected.join(", ")), dnsEvidence(azure), dnsEvidence(first.answer)],
        ...(nobodyKnows
          ? {
              confidence: "likely" as const,
              inferredFrom: "no DNS server knows the name; the instance may be known under the other documented suffix",
              as: "warning" as const,
            }
          : {}),
        ruledOut: [
          {
            id: "dns-custom-no-forwarder",
            by: "the same server resolves the workspace itself to the private endpoint",
          },
          { id: "dns-record-missing-workspace", by: "the workspace's record is there: its own name resolves" },
        ],
      });
    });
  },
});
