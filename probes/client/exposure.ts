import { parseArmId } from "../../src/model/arm-id.ts";
import { named } from "../../src/model/access-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/bastion/bastion-overview";

/** A machine inside the private network that has a public address of its own is a way around the isolation. */
export default defineProbe({
  id: "client/exposure",
  title: "This machine has no public address of its own",
  layer: "control-plane",
  docs: [docs],
  needs: { vantage },
  advisory: true,
  reasons: {
    "cv-jumpbox-setup": reason<{ machine: string; nicId: string; configuration: string; addressId: string }>({
      severity: "warning",
      title: "This machine stands in the virtual network and has a public address",
      detail: ({ machine, addressId }) =>
        `${machine} is reachable from the internet by ${parseArmId(addressId)?.name ?? addressId}, as far as its network security rules let it.`,
      fix: ({ nicId, configuration, addressId }) => {
        const nic = parseArmId(nicId);
        return {
          summary: "Connect by Bastion or VPN, then take the public address off the machine",
          commands: [
            az("network", "public-ip", "show", ...named(addressId), "--query", "ipAddress"),
            ...(nic === undefined
              ? []
              : [
                  az(
                    "network",
                    "nic",
                    "ip-config",
                    "update",
                    "--subscription",
                    nic.subscriptionId,
                    "--resource-group",
                    nic.resourceGroup,
                    "--nic-name",
                    nic.name,
                    "--name",
                    configuration,
                    "--remove",
                    "publicIpAddress",
                  ),
                ]),
          ],
          warning:
            "Whoever is connected over the public address is cut off. The address may also be the machine's way out: see that a NAT gateway or firewall carries that first.",
          verify: [az("network", "nic", "show", "--ids", nicId, "--query", "ipConfigurations[].publicIPAddress").text],
          docs,
        };
      },
    }),
  },
  judge({ vantage: here }, say) {
    if (here.interfaces.is === "absent") return say.skip("this machine is no Azure VM", here.name);
    if (here.interfaces.is === "gap") return say.unknown(here.interfaces, { subject: here.name, matters: false });
    const found = (valueOf(here.interfaces) ?? []).flatMap((nic) =>
      (nic.properties.ipConfigurations ?? []).flatMap(({ name, properties }) => {
        const addressId = properties?.publicIPAddress?.id;
        if (addressId === undefined) return [];
        return [
          say.found("cv-jumpbox-setup", {
            subject: here.name,
            about: [nic.id],
            data: { machine: here.name, nicId: nic.id, configuration: name ?? "ipconfig1", addressId },
            evidence: [armEvidence(nic.id, "properties.ipConfigurations[].properties.publicIPAddress.id", addressId)],
          }),
        ];
      }),
    );
    return found.length > 0 ? found : say.pass(undefined, { subject: here.name });
  },
});
