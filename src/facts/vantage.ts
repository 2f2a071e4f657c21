import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parentId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { allSeen, gapsOf, mapSeen, seen, valueOf } from "../model/observation.ts";
import { ruleFor } from "../model/resolver-rules.ts";
import { getAs, observationOf } from "./arm-read.ts";
import { networkInterfaceSchema } from "./private-endpoints.ts";
import { subResource, text } from "./wire.ts";

export const virtualMachineSchema = z.object({
  id: z.string(),
  name: text,
  properties: z.object({ networkProfile: z.object({ networkInterfaces: z.array(subResource).nullish() }).nullish() }),
});

const vantageSchema = z.object({
  name: z.string(),
  addresses: z.array(z.string()),
  resolvers: observationOf(
    z.object({
      servers: z.array(z.string()),
      search: z.array(z.string()),
      source: z.string(),
      /** Names that are asked elsewhere. */
      rules: z.array(z.object({ namespace: z.string(), servers: z.array(z.string()) })).optional(),
    }),
  ),
  hostsFile: observationOf(z.record(z.string(), z.array(z.string()))),
  proxyEnvironment: z.record(z.string(), z.string()),
  /** The VM; absent when this is no Azure VM. */
  instance: observationOf(
    z.object({
      resourceId: z.string(),
      name: z.string(),
      location: z.string(),
      subscriptionId: z.string(),
      azEnvironment: z.string().optional(),
      addresses: z.array(z.string()),
    }),
  ),
  interfaces: observationOf(z.array(networkInterfaceSchema)),
  subnetId: z.string().optional(),
  vnetId: z.string().optional(),
});
export type Vantage = z.infer<typeof vantageSchema>;

/**
 * This machine: its addresses, its resolvers, its hosts file, and, when it is an Azure VM, its network. The network is
 * known from the VM's own interfaces, never guessed from addresses: address ranges repeat between networks.
 */
export const vantage = defineFact({
  key: "machine/vantage",
  needs: {},
  reads: ["Microsoft.Compute/virtualMachines/read", "Microsoft.Network/networkInterfaces/read"],
  schema: vantageSchema,
  async collect(_, context) {
    const { machine } = context;
    const [resolvers, hostsFile, instance] = await Promise.all([
      machine.resolvers(),
      machine.hostsFile(),
      machine.instanceMetadata(),
    ]);
    const here: Omit<Vantage, "interfaces"> = {
      name: machine.name,
      addresses: [...machine.addresses()],
      resolvers: mapSeen(resolvers, ({ servers, search, source, rules }) => ({
        servers: [...servers],
        search: [...search],
        source,
        ...(rules === undefined ? {} : { rules: rules.map((rule) => ({ ...rule, servers: [...rule.servers] })) }),
      })),
      hostsFile: mapSeen(hostsFile, (names) =>
        Object.fromEntries(Object.entries(names).map(([name, addresses]) => [name, [...addresses]])),
      ),
      proxyEnvironment: { ...machine.proxyEnvironment },
      instance: mapSeen(instance, (vm) => ({ ...vm, addresses: [...vm.addresses] })),
    };
    if (instance.is !== "value") return seen({ ...here, interfaces: instance });
    const vm = await getAs(context, instance.value.resourceId, apiVersions.compute, virtualMachineSchema);
    if (vm.is !== "value") return seen({ ...here, interfaces: vm });
    const nics = await Promise.all(
      (vm.value.properties.networkProfile?.networkInterfaces ?? []).map((nic) =>
        getAs(context, nic.id, apiVersions.network, networkInterfaceSchema),
      ),
    );
    const subnetId = allSeen(nics).flatMap((nic) =>
      (nic.properties.ipConfigurations ?? []).flatMap((configuration) => configuration.properties?.subnet?.id ?? []),
    )[0];
    return seen({
      ...here,
      interfaces: gapsOf(nics)[0] ?? seen(allSeen(nics)),
      ...(subnetId === undefined ? {} : { subnetId, vnetId: parentId(subnetId) }),
    });
  },
});

/** The resolvers in this machine's configuration, those of its rules last; empty when it could not be read. */
export function resolverServers(here: Vantage): readonly string[] {
  const known = valueOf(here.resolvers);
  return [...new Set([...(known?.servers ?? []), ...(known?.rules ?? []).flatMap(({ servers }) => servers)])];
}

/** The resolvers that this machine asks for a name: a rule that matches the name beats the adapters' servers. */
export function resolversFor(here: Vantage, name: string): readonly string[] {
  const known = valueOf(here.resolvers);
  const rule = ruleFor(known?.rules ?? [], name);
  return rule !== undefined && rule.servers.length > 0 ? rule.servers : (known?.servers ?? []);
}
