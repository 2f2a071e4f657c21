import type { Store } from "../engine/store.ts";
import { vantage } from "../facts/vantage.ts";
import { valueOf } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import type { Report } from "../model/report.ts";

/** The vantage as the report shows it: what this machine is known to be. Settles when the run's signal is aborted. */
export async function vantageOf({ machine, azureDns }: Context, store: Store): Promise<Report["vantage"]> {
  const known = valueOf(await store.observe(vantage));
  const resourceId = known === undefined ? undefined : valueOf(known.instance)?.resourceId;
  const resolvers = known === undefined ? undefined : valueOf(known.resolvers);
  return {
    name: machine.name,
    addresses: [...machine.addresses()],
    resolvers: [...(resolvers?.servers ?? [])],
    azureDns,
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(known?.vnetId === undefined ? {} : { vnetId: known.vnetId }),
    ...(Object.keys(machine.proxyEnvironment).length === 0 ? {} : { proxy: { ...machine.proxyEnvironment } }),
    ...(resolvers?.rules === undefined ? {} : { resolverRules: [...resolvers.rules] }),
  };
}
