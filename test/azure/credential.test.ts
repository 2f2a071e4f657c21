import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createCredential, type CredentialOptions } from "../../src/azure/credential.ts";
import { SignInError, signInError } from "../../src/azure/sign-in-error.ts";
import { createArm } from "../../src/azure/arm.ts";
import { startLab } from "../../src/lab/lab.ts";
import { applyPatch } from "../../src/lab/world.ts";
import { smallWorld, vault, workspace } from "../lab/small-world.ts";
import { json, serve } from "./scripted-server.ts";

const tenantId = "00000000-0000-4000-8000-00000000aaaa";
const clientId = "00000000-0000-4000-8000-00000000bbbb";
const scope = "https://management.azure.com/.default";
const secret: CredentialOptions = {
  kind: "client-secret",
  tenantId,
  clientId,
  clientSecret: "top-s3cret",
  disableInstanceDiscovery: true,
  deadlineMs: 5000,
};

async function failure(credential: ReturnType<typeof createCredential>): Promise<SignInError> {
  try {
    await credential.getToken(scope);
  } catch (error) {
    if (error instanceof SignInError) return error;
    throw error;
  }
  throw new Error("signed in");
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe("a credential", () => {
  it("signs in once for many who ask, and reads the lab", async () => {
    const world = applyPatch(smallWorld(), { identity: { kind: "servicePrincipal" } });
    await using lab = await startLab(world);
    const credential = createCredential({
      ...secret,
      tenantId: world.identity.tenantId,
      clientId: world.identity.clientId,
      authorityHost: lab.authorityHost,
      ca: lab.certificateAuthority,
    });
    const arm = createArm({
      endpoint: lab.armEndpoint,
      ca: lab.certificateAuthority,
      credential,
      signal: AbortSignal.timeout(10_000),
      requestTimeoutMs: 5000,
      stats: { armRequests: 0, retries: 0 },
    });
    const [one, other] = await Promise.all([
      arm.get(workspace, { apiVersion: "2024-04-01" }),
      arm.get(vault, { apiVersion: "2023-07-01" }),
    ]);
    expect([one.is, other.is]).toEqual(["value", "value"]);
    expect(lab.writes()).toBe(0);
  });

  it("tells a refusal with its code and without the secret, and asks only once", async () => {
    await using server = await serve((request, response, origin) => {
      if (request.method === "POST")
        json(response, 401, {
          error: "invalid_client",
          error_description: "AADSTS7000215: Invalid client secret top-s3cret provided.\r\nTrace ID: 1",
        });
      else
        json(response, 200, {
          issuer: `${origin}/t`,
          authorization_endpoint: `${origin}/a`,
          token_endpoint: `${origin}/token`,
          jwks_uri: `${origin}/k`,
        });
    });
    const credential = createCredential({ ...secret, authorityHost: server.origin, ca: server.ca });
    const failures = [...(await Promise.all([failure(credential), failure(credential)])), await failure(credential)];
    expect(failures.map(({ kind, code }) => [kind, code])).toEqual(
      Array.from({ length: 3 }, () => ["refused", "AADSTS7000215"]),
    );
    expect(failures[0]?.message).toMatch(/^AADSTS7000215: Invalid client secret \*\*\* provided\.$/);
    expect(server.asked.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("ends in time when the sign-in service hangs, and at once the next time", async () => {
    await using server = await serve(() => undefined);
    const credential = createCredential({ ...secret, deadlineMs: 1500, authorityHost: server.origin, ca: server.ca });
    expect(await failure(credential)).toMatchObject({ kind: "timed-out" });
    const startedAt = performance.now();
    expect(await failure(credential)).toMatchObject({ kind: "timed-out" });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it("says when the sign-in service cannot be reached or is not to be trusted", async () => {
    expect(await failure(createCredential({ ...secret, authorityHost: "https://localhost:1" }))).toMatchObject({
      kind: "unreachable",
    });
    await using server = await serve((_, response) => json(response, 200, {}));
    expect(await failure(createCredential({ ...secret, authorityHost: server.origin }))).toMatchObject({
      kind: "unreachable",
    });
  });

  it("needs what it is made of", async () => {
    expect(await failure(createCredential({ kind: "client-secret", deadlineMs: 5000 }))).toMatchObject({
      kind: "no-credential",
    });
  });

  it.each(["sign-in", "ARM"])(
    "goes through the proxy to %s, and trusts the given authority there too",
    async (what) => {
      await using server = await serve((_, response) => json(response, 200, {}));
      const tunnels: string[] = [];
      const proxy = createServer((_: IncomingMessage, response: ServerResponse) => void response.writeHead(500).end());
      proxy.on("connect", (request, socket) => {
        tunnels.push(request.url ?? "");
        const target = connect(Number(new URL(server.origin).port), "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 OK\r\n\r\n");
          socket.pipe(target).pipe(socket);
        });
        target.on("error", () => socket.destroy());
        socket.on("error", () => target.destroy());
      });
      const port = await listening(proxy);
      const proxyFor = () => `http://127.0.0.1:${port}`;
      // The certificate is localhost's: the tunnel was made, the chain was trusted, and the name was still judged.
      const code = "ERR_TLS_CERT_ALTNAME_INVALID";
      // Names, since loopback addresses never go through a proxy.
      if (what === "sign-in") {
        const credential = createCredential({
          ...secret,
          authorityHost: "https://login.test",
          ca: server.ca,
          proxyFor,
        });
        expect(await failure(credential)).toMatchObject({ kind: "unreachable", code });
        expect(tunnels[0]).toBe("login.test:443");
      } else {
        const credential = {
          getToken: () => Promise.resolve({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }),
        };
        const arm = createArm({
          endpoint: "https://management.test",
          ca: server.ca,
          proxyFor,
          credential,
          signal: AbortSignal.timeout(10_000),
          requestTimeoutMs: 3000,
          stats: { armRequests: 0, retries: 0 },
        });
        expect(await arm.get(workspace, { apiVersion: "2024-04-01" })).toMatchObject({ gap: "unreachable", code });
        expect(tunnels[0]).toBe("management.test:443");
      }
      proxy.closeAllConnections();
      proxy.close();
    },
  );
});

describe("a failure of the identity library", () => {
  const named = (name: string, message: string, more: object = {}) =>
    Object.assign(new Error(message), { name, ...more });
  it.each([
    [
      "nothing to sign in with",
      named("AggregateAuthenticationError", "all failed", {
        errors: [
          named("CredentialUnavailableError", "az: not logged in"),
          named("CredentialUnavailableError", "connect ECONNREFUSED 169.254.169.254"),
        ],
      }),
      "no-credential",
    ],
    [
      "a refusal within a chain",
      named("AggregateAuthenticationError", "failed", {
        errors: [named("CredentialUnavailableError", "x"), named("AuthenticationRequiredError", "AADSTS50076: MFA")],
      }),
      "refused",
    ],
    [
      "no network",
      named("AuthenticationError", "network_error", {
        cause: Object.assign(new Error("getaddrinfo ENOTFOUND login"), { code: "ENOTFOUND" }),
      }),
      "unreachable",
    ],
    ["something that is no error", "text", "refused"],
  ])("%s", (_, thrown, kind) => {
    expect(signInError(thrown).kind).toBe(kind);
  });
});
