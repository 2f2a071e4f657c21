import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseWorld, type World } from "../../src/lab/world.ts";
import { amlDoctor } from "../cli/spawned.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** Made-up secrets in the forms in which they turn up in logs and texts, with the part that must never be seen. */
const secrets: readonly (readonly [text: string, secret: string])[] = [
  [
    "DefaultEndpointsProtocol=https;AccountName=st;AccountKey=bWFkZS11cC1hY2NvdW50LWtleS1vZi1ub2JvZHktYXQtYWxs==",
    "bWFkZS11cC1hY2NvdW50",
  ],
  ["https://st.blob.core.windows.net/c?sv=2024-11-04&sp=rl&sig=made%2Bup%2Bsignature%3D", "made%2Bup%2Bsignature"],
  ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWRlLXVwIn0.bWFkZS11cC1zaWduYXR1cmU", "eyJzdWIiOiJtYWRlLXVwIn0"],
  ["password=made-up-password", "made-up-password"],
  ["Authorization: Bearer made-up-bearer-token-0001", "made-up-bearer-token"],
  ['{"client_secret": "made~up~client~secret"}', "made~up~client~secret"],
  ["postgresql://scorer:made-up-url-password@db.example.com/prod", "made-up-url-password"],
];
const all = secrets.map(([text]) => text).join(" ");

/** A log in which every line that a reader would quote holds secrets. */
const log = [
  "Instance status:",
  "SystemSetup: Succeeded",
  "UserContainerImagePull: Failed",
  "",
  "Container events:",
  ...secrets.map(
    ([text]) =>
      `Kind: Pod, Name: Failed, Type: Warning, Time: 2026-01-01T00:00:00Z, Message: Failed to pull with ${text}`,
  ),
  "",
  "Container logs:",
  ...secrets.flatMap(([text]) => [
    `ERROR: UserScriptException: ${text}`,
    "Traceback (most recent call last):",
    '  File "/var/azureml-app/score.py", line 3, in init',
    `ValueError: ${text}`,
    `requests.exceptions.ConnectionError: HTTPSConnectionPool(host='db.example.com', port=443): Max retries exceeded with url: /?${text}`,
    "Worker (pid:7) was sent SIGKILL! " + text,
  ]),
].join("\n");

type Json = Record<string, unknown>;

/** The estate of the demo, with secrets wherever somebody may have written one. */
function careless(): World {
  const file = new URL("../../src/lab/demo-world.json", import.meta.url);
  const world = parseWorld(readFileSync(file, "utf8"), "demo");
  for (const each of world.arm.resources as unknown as ({ type: string; properties?: Json } & Json)[]) {
    each.tags = { owner: all };
    each.description = all;
    const properties = (each.properties ??= {});
    properties.description = all;
    if (/\/deployments$/i.test(each.type)) {
      properties.environmentVariables = { CONNECTION: all };
      properties.properties = { ...(properties.properties as Json | undefined), error: all };
    }
    for (const connection of [
      each,
      ...((properties.privateEndpointConnections ?? []) as ({ properties?: Json } & Json)[]),
    ]) {
      const state = connection.properties?.privateLinkServiceConnectionState as Json | undefined;
      if (state !== undefined)
        state.description = `${typeof state.description === "string" ? state.description : ""} ${all}`;
    }
  }
  for (const action of world.arm.actions) {
    if (action.path.endsWith("/getLogs")) action.body = { content: log };
    if (action.path.endsWith("/diagnose"))
      action.body = { value: { otherResults: [{ code: "Other", level: "Error", message: all }] } };
  }
  for (const endpoint of world.network.endpoints) {
    for (const rule of endpoint.http ?? []) {
      if (rule.status < 400) continue;
      rule.body = all;
      rule.headers = {
        ...rule.headers,
        "content-type": "text/plain",
        location: `https://example.com/?${encodeURI(all)}`,
      };
    }
  }
  return world;
}

describe("secrets that others wrote into an estate", () => {
  const folder = temporaryFolder("secrets");
  const file = path.join(folder, "careless.json");
  writeFileSync(file, JSON.stringify(careless()));

  it.each([["json"], ["text"]])("are in no %s report and in no log", async (format) => {
    const ended = await amlDoctor([
      "diagnose",
      "--world",
      file,
      "--output",
      format,
      "--verbose",
      "--explain",
      "--log-level",
      "trace",
    ]);
    expect(ended.exitCode).toBe(2);
    const said = `${ended.stdout}${ended.stderr}`;
    expect(said, "the lines with the secrets are told, without them").toContain("AccountKey=***");
    // Text is broken into lines: what was one word may be two.
    const joined = said.replace(/\s+/g, "");
    expect(
      secrets.filter(([, secret]) => said.includes(secret) || joined.includes(secret)).map(([text]) => text),
    ).toEqual([]);
  });
});
