import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { asGood, clearBest, findPlaybook } from "../../playbooks/match.ts";
import { describeWithShared } from "../shared-folder.ts";
import { probes, reachable, symptomPlaybooks } from "./shipped.ts";

const rows = z.array(z.object({ id: z.string(), symptoms: z.array(z.string()), exactErrors: z.array(z.string()) }));

/** What the catalogue describes instead of quoting, and how such a message reads where it is shown. */
const asShown: Readonly<Record<string, string>> = {
  "BadRequest / Conflict variants": "(BadRequest) The request is bad. | (Conflict) Code: Conflict",
  "i/o timeout on udp 53":
    "dial tcp: lookup acr1.azurecr.io on 10.0.0.10:53: read udp 10.244.0.5:4->10.0.0.10:53: i/o timeout",
  "x509 / certificate verify failed (client side)":
    "x509: certificate signed by unknown authority | certificate verify failed",
  "500/502/503/504":
    "HTTP/1.1 500 Internal Server Error | HTTP/2 502 | 503 Service Unavailable | The requested URL returned error: 504",
  "hostname mismatch / SSL: CERTIFICATE_VERIFY_FAILED":
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch",
  "conda/pip timeout or SSL error (package name in build log)":
    "CondaHTTPError: HTTP 000 CONNECTION FAILED for url | HTTPSConnectionPool(host='files.pythonhosted.org', port=443): Read timed out.",
  "Failed to establish a new connection to management.azure.com (wording varies)":
    "HTTPSConnectionPool(host='management.azure.com', port=443): Max retries exceeded with url: /subscriptions (Caused by NewConnectionError('<HTTPSConnection>: Failed to establish a new connection: [Errno 110] Connection timed out'))",
  "key_auth... or 401/403 body (code UNVERIFIED)": "key_auth_access_denied",
  "InvalidTemplateDeployment / RequestDisallowedByPolicy": "InvalidTemplateDeployment | RequestDisallowedByPolicy",
  "BadArgument / MLflow model format with private network is unsupported":
    "BadArgument: MLflow model format with private network is unsupported",
  "ClusterNotReachable / GenericClusterError (typical, mapping UNVERIFIED)":
    "ClusterNotReachable | GenericClusterError",
  "Unable to preview / 'permissions' or 'network' message (UI)":
    "Unable to preview this data. Check permissions and network.",
  "does not have authorization to perform action '<provider>/privateEndpointConnectionsApproval/action' / privateEndpointConnections/read":
    "does not have authorization to perform action 'Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action'",
};

/** What stands where the catalogue has a placeholder. */
const stead: Readonly<Record<string, string>> = {
  guid: "0f8fad5b-d9cb-469f-a165-70867728950e",
  id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
  region: "eastus2",
  endpoint: "score1",
  acr: "acrmlprod",
  ip: "203.0.113.9",
  name: "acrmlprod.azurecr.io",
  action: "Microsoft.MachineLearningServices/workspaces/read",
  scope: "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/resourceGroups/rg-ml",
  provider: "Microsoft.Storage/storageAccounts",
};

/** The messages that a string of the catalogue stands for. */
function messagesOf(exact: string): string[] {
  const shown = asShown[exact];
  if (shown !== undefined) return shown.split(" | ");
  // What stands in brackets at the end is the catalogue's remark.
  return [exact.replace(/ \([^)]*\)$/, "").replace(/<(\w+)>/g, (_, word: string) => stead[word] ?? word)];
}

describeWithShared("a message of the catalogue leads to a playbook that reaches its failure", (folder) => {
  const catalogue = rows.parse(JSON.parse(readFileSync(path.join(folder, "catalogue/failures.json"), "utf8")));
  const messages = catalogue.flatMap(({ id, exactErrors }) =>
    exactErrors.flatMap((exact) => messagesOf(exact).map((message) => ({ id, message }))),
  );

  it("of which there are many", () => {
    expect(messages.length).toBeGreaterThan(100);
  });

  it.each(messages)("$id: $message", ({ id, message }) => {
    const candidates = asGood(findPlaybook(symptomPlaybooks, message));
    expect(candidates[0]?.score, "no error fragment matches").toBeGreaterThan(1);
    // A row that no check looks for yet leads somewhere at least.
    if (probes.probeOfReason(id) === undefined) return;
    const reaching = candidates.filter(({ playbook }) => reachable(playbook).has(id));
    expect(
      reaching.map(({ playbook }) => playbook.id),
      candidates.map(({ playbook }) => playbook.id).join(),
    ).not.toEqual([]);
  });

  it("or, said in words, seldom to one that does not", () => {
    const said = catalogue.flatMap(({ id, symptoms }) => symptoms.map((symptom) => ({ id, symptom })));
    const clear = said.flatMap(({ id, symptom }) => {
      const best = probes.probeOfReason(id) && clearBest(findPlaybook(symptomPlaybooks, symptom));
      return best === undefined ? [] : [{ id, symptom, best }];
    });
    const astray = clear.filter(({ id, best }) => !reachable(best.playbook).has(id));
    expect(clear.length).toBeGreaterThan(said.length / 3);
    expect(astray.length / clear.length, astray.map(({ symptom }) => symptom).join("; ")).toBeLessThan(0.1);
  });
});
