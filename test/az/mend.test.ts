import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseWorld } from "../../src/lab/world.ts";
import { sharedFolder } from "../shared-folder.ts";
import { hasAzureCli } from "./azure-cli.ts";
import { mend, type Ran } from "./mend.ts";

const worlds = sharedFolder === undefined ? undefined : join(sharedFolder, "worlds");

/** Causes that no `az` command mends by itself, and what else it takes. */
const notAlone: Readonly<Record<string, string>> = {
  "dns-custom-no-forwarder": "the DNS server itself has to be told",
  "dns-forwarder-privatelink-only": "the DNS server itself has to be told",
  "cv-client-outside-vnet": "one has to work from a machine in the network",
  "cv-tls-inspection": "the inspecting proxy has to be told",
  "k8s-lb-subnet-permission-missing": "the cluster has to try again",
  "k8s-legacy-fe-conflict": "kubectl takes the old router away",
  "k8s-tls-cert-invalid": "kubectl puts the new certificate in place",
  "scoring-424-model-error": "the model has to be mended",
};

/** What a diagnosis says next, when a command is the first of the steps to a whole fix: nothing that it broke. */
const next: Readonly<Record<string, string>> = {
  "dns-zone-missing": "the new private endpoint has no zone yet",
  "st-dns-resolves-public": "the new private endpoint has no zone yet",
};

/** Debian's package lacks this part of its own client library: `az` fails before it asks anything. */
const brokenPackage = "does not have operation group";

const why =
  worlds === undefined ? "../shared/worlds is not here" : hasAzureCli ? undefined : "the Azure CLI is not installed";
if (why !== undefined) console.warn(`skipped: the printed az commands against a lab that takes writes (${why})`);

const files =
  worlds === undefined || why !== undefined ? [] : readdirSync(worlds).filter((name) => name.endsWith(".json"));
const rows: string[] = [];

describe.skipIf(why !== undefined)("the real az runs what a report prints, and the cause is gone", () => {
  afterAll(() => {
    console.log(["world | cause | command | exit code | cause gone", ...rows].join("\n"));
  });

  it.each(files)("%s", async (file) => {
    const world = parseWorld(readFileSync(join(worlds ?? "", file), "utf8"), file);
    const { ran, left, added, before, effects } = await mend(world);
    const outcome = (cause: string): string =>
      !left.some((name) => name.startsWith(`${cause} `)) ? "yes" : `no: ${notAlone[cause] ?? "it should be"}`;
    for (const each of ran)
      rows.push(
        [
          file.replace(".json", ""),
          each.cause,
          short(each),
          isBroken(each) ? "(package)" : each.code,
          outcome(each.cause),
        ].join(" | "),
      );

    const failed = ran.filter((each) => each.code !== 0 && !isBroken(each));
    expect(failed.map(({ text, stderr }) => `${text}\n${stderr.slice(0, 500)}`)).toEqual([]);
    expect(left.filter((name) => ran.length > 0 && !(idOf(name) in notAlone))).toEqual([]);
    // What was an effect may now stand by itself, until the deployment or endpoint is tried again.
    const unexpected = added.filter((name) => !effects.includes(idOf(name)) && !(idOf(name) in next));
    expect(unexpected, `from ${before.join(", ")}`).toEqual([]);
  });
});

function isBroken({ stderr }: Ran): boolean {
  return stderr.includes(brokenPackage);
}

function idOf(name: string): string {
  return name.slice(0, name.indexOf(" on "));
}

/** Without ids and options, which a table has no room for. */
function short({ text }: Ran): string {
  const method = / --method (\w+)/.exec(text)?.[1];
  const words = text.split(" --")[0] ?? text;
  return method === undefined ? words : `${words} ${method}`;
}
