import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createPipelineRequest } from "@azure/core-rest-pipeline";
import { expect, it } from "vitest";
import { createTransport } from "../../src/azure/transport.ts";

it.each([
  ["localhost", []],
  ["127.0.0.1", []],
  ["[::1]", []],
  ["sidecar.test", ["sidecar.test"]],
])("never asks which proxy leads to this machine itself: %s", async (host, asked) => {
  const server = createServer((_, response) => void response.end("here"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const hosts: string[] = [];
  const transport = createTransport({
    proxyFor: (each) => {
      hosts.push(each);
      return `http://127.0.0.1:${port}`;
    },
  });
  const request = createPipelineRequest({
    url: `http://${host}:${port}/`,
    allowInsecureConnection: true,
    abortSignal: AbortSignal.timeout(3000),
  });
  // Whether something listens at the IPv6 address does not matter here.
  const answer = await transport.sendRequest(request).catch(() => undefined);
  expect(hosts).toEqual(asked);
  if (answer !== undefined) expect(answer.bodyAsText).toBe("here");
  server.closeAllConnections();
  server.close();
});
