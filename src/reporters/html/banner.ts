import type { Report } from "../../model/report.ts";
import { counted, secondsText } from "../count.ts";
import { because } from "../headline.ts";
import { brief } from "../page.ts";
import { markup, type Markup } from "./markup.ts";
import { signs, targetName, type Sign } from "./pieces.ts";

const verdicts: Readonly<Record<Report["verdict"], readonly [sign: Sign, word: string]>> = {
  healthy: ["good", "Healthy"],
  unhealthy: ["bad", "Unhealthy"],
  inconclusive: ["open", "Inconclusive"],
};

/** The verdict, what it is about, and from where it was seen. */
export function banner(report: Report): Markup {
  const { target, vantage, verdict, complete, startedAt, stats } = report;
  const [kind, word] = verdicts[verdict];
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Workspace", target.workspace],
    ["Endpoint", target.endpoint],
    ["Deployment", target.deployment],
    ["Resource group", target.resourceGroup],
    ["Subscription", target.subscriptionId],
    ["Cloud", target.cloud],
    ["Seen from", [vantage.name, ...vantage.addresses].join(" · ")],
    ["Resolvers", vantage.resolvers.join(", ") || undefined],
    ["Network", vantage.vnetId === undefined ? undefined : brief(vantage.vnetId)],
    [
      "Proxy",
      vantage.proxy === undefined
        ? undefined
        : Object.entries(vantage.proxy)
            .map(([name, value]) => `${name}=${value}`)
            .join(", "),
    ],
    ["Taken", `${startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC")}, in ${secondsText(report.durationMs)}`],
    [
      "Asked",
      [
        counted(stats.armRequests, "ARM request"),
        counted(stats.dnsQueries, "DNS query", "DNS queries"),
        counted(stats.connections, "connection"),
      ].join(", "),
    ],
  ];
  return markup`<header class="banner ${verdict}">
<div class="verdict"><span class="seal" aria-hidden="true">${signs[kind]}</span><div><h1><span class="word">${word}</span> <span class="name">${targetName(report)}</span></h1>
<p class="because">${capital(because(report))}.</p></div></div>
${complete ? undefined : markup`<p class="note">The run was cut short, by its deadline or by an interruption. This is what was known by then.</p>`}
<dl>${facts.map(([name, value]) =>
    value === undefined
      ? undefined
      : markup`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
  )}</dl>
</header>
`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
