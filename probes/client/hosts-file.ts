import { defineProbe, reason } from "../../src/model/probe.ts";
import { valueOf } from "../../src/model/observation.ts";
import { dnsName } from "../../src/model/text.ts";
import { paths } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns";

/**
 * A line in the hosts file beats every DNS server. One with the right address works until the private endpoint is made
 * anew; one with another address is why this machine differs from its neighbours.
 */
export default defineProbe({
  id: "client/hosts-file",
  title: "No hosts file entry overrides the names of the workspace",
  layer: "dns",
  docs: [docs],
  needs: { paths, vantage },
  consequence: "Whether this machine overrides names in its hosts file",
  reasons: {
    "dns-hosts-file-override": reason<{ fqdn: string; listed: string[]; expected: string[] }>({
      severity: "error",
      title: "An entry in this machine's hosts file decides about a name of the workspace, whatever DNS says",
      detail: ({ fqdn, listed, expected }) =>
        `The hosts file sends ${fqdn} to ${listed.join(", ")}; the private endpoint has ${expected.join(", ") || "no address for it"}.`,
      fix: ({ fqdn }) => ({
        summary: `Remove the line for ${fqdn} from the hosts file, so that DNS decides`,
        commands: [
          {
            shell: "sh",
            text: `sudo sed -i.bak '/[[:space:]]${fqdn.replaceAll(".", "\\.")}\\([[:space:]]\\|$\\)/d' /etc/hosts`,
          },
          {
            shell: "powershell",
            text: `$hosts = "$env:SystemRoot\\System32\\drivers\\etc\\hosts"; (Get-Content $hosts) -notmatch '\\s${fqdn.replaceAll(".", "\\.")}(\\s|$)' | Set-Content $hosts; Clear-DnsClientCache`,
          },
        ],
        warning:
          "Somebody may have added the line as a stopgap while DNS was broken: check with this tool that DNS now answers rightly before taking it away from other machines.",
        takesEffect: "At once for new connections; programs that are running may keep the old address",
        verify: [`nslookup ${fqdn}`, `getent hosts ${fqdn}`],
        docs,
      }),
      rivals: ["dns-record-stale", "dns-custom-no-forwarder"],
    }),
  },
  judge({ paths: all, vantage: here }, say) {
    if (here.hostsFile.is === "gap") return say.unknown(here.hostsFile, { subject: here.name });
    const hosts = new Map(
      Object.entries(valueOf(here.hostsFile) ?? {}).map(([name, addresses]) => [dnsName(name), addresses]),
    );
    const found = all.flatMap((path) => {
      const { fqdn, expected } = path.name;
      const listed = hosts.get(dnsName(fqdn));
      if (listed === undefined || listed.length === 0) return [];
      const wanted = expected.map(({ address }) => address);
      const right = listed.every((address) => wanted.includes(address));
      // Where nothing private is wanted, a hosts entry is the owner's choice; only an entry that breaks things is a fault.
      if (wanted.length === 0 && !path.needsPrivate) return [];
      const evidence = [
        {
          kind: "machine" as const,
          source: `hosts file: ${fqdn}`,
          observed: listed.join(", "),
          expected: wanted.join(", ") || "no entry",
        },
      ];
      return [
        say.found("dns-hosts-file-override", {
          subject: fqdn,
          about: [path.name.resourceId],
          data: { fqdn, listed: [...listed], expected: wanted },
          evidence,
          ...(right || !path.needsPrivate ? { as: "warning" as const } : {}),
          ruledOut: [{ id: "dns-record-stale", by: `DNS itself is not asked: the hosts file answers first` }],
        }),
      ];
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: here.name });
  },
});
