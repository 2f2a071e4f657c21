import { isPrivateAddress } from "../../src/model/address.ts";
import { lastName } from "../../src/model/dns-commands.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { defineProbe } from "../../src/model/probe.ts";
import { answersProperly, paths, reachOf } from "../../src/facts/paths.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";

/**
 * The addresses that names should have are read from the private endpoints' own interfaces. Where those cannot be read,
 * nothing measures the answers of DNS, and that has to be said: silence would pass for health. It does not matter for the
 * verdict where every name of the resource resolves to a private address that answers properly for it.
 */
export default defineProbe({
  id: "private-endpoint/addresses",
  title: "The private endpoints' own addresses can be read",
  layer: "control-plane",
  docs: ["https://learn.microsoft.com/azure/private-link/private-endpoint-overview"],
  needs: { privateEndpoints, paths: raw(paths) },
  consequence: "Which addresses the names behind a private endpoint should have",
  reasons: {},
  judge({ privateEndpoints: { entries }, paths: all }, say) {
    const own = entries.filter(({ endpoint }) => endpoint.is !== "absent");
    if (own.length === 0) return say.skip("there is no private endpoint that clients could use");
    return own.map((entry): Verdict => {
      const [gap] = gapsOf([entry.endpoint, ...entry.interfaces.map(({ is }) => is)]);
      if (gap === undefined)
        return say.pass(`The addresses of ${lastName(entry.id)} can be read`, { subject: entry.id });
      const served = (valueOf(all) ?? []).filter(({ name }) =>
        entry.targets.some(
          (target) =>
            sameId(target, name.resourceId) || name.resourceId.toLowerCase().startsWith(`${target.toLowerCase()}/`),
        ),
      );
      const works =
        served.length > 0 &&
        served.every(
          (path) =>
            path.system.addresses.length > 0 &&
            path.system.addresses.every(
              (address) => isPrivateAddress(address) && answersProperly(reachOf(path, address)),
            ),
        );
      return say.unknown(gap, {
        subject: entry.id,
        consequence: `Which addresses the names behind ${lastName(entry.id)} should have`,
        matters: !works,
      });
    });
  },
});
