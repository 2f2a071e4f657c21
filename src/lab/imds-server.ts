import { createServer } from "node:http";
import type { Answer, Request } from "./answer.ts";
import { segmentsOf } from "./arm-path.ts";
import type { Estate } from "./estate.ts";
import { serve, type LoopbackServer } from "./loopback-server.ts";
import type { Tokens } from "./tokens.ts";
import type { World } from "./world.ts";

/** The cloud's name in instance metadata, which differs from its name in tools. */
const environments: Readonly<Record<World["cloud"], string>> = {
  AzureCloud: "AzurePublicCloud",
  AzureUSGovernment: "AzureUSGovernmentCloud",
  AzureChinaCloud: "AzureChinaCloud",
};

/** What the metadata service has to give: the world's identity, none, several to choose from; or a proxy stands before it. */
export type Identities = "one" | "none" | "several" | "behind-proxy";

/** Starts the instance metadata service. The vantage that is no Azure VM has tokens there, but no metadata. */
export function startImdsServer(
  world: World,
  estate: Estate,
  tokens: Tokens,
  identities: Identities = "one",
): Promise<LoopbackServer> {
  return serve(createServer(), (request) =>
    Promise.resolve(withoutIdentity(request, identities) ?? answerImds(request, world, estate, tokens)),
  );
}

/** The refusal of a request for a token, where the one identity of the world is not to be had; undefined where it is. */
function withoutIdentity(request: Request, identities: Identities): Answer | undefined {
  if (request.headers["metadata"] !== "true" || !/^\/metadata\/identity\//i.test(request.path)) return undefined;
  switch (identities) {
    case "one":
      return undefined;
    case "none":
      return badRequest("Identity not found");
    case "several":
      return request.query.has("client_id")
        ? undefined
        : badRequest(
            "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request",
          );
    case "behind-proxy":
      return {
        status: 403,
        headers: { via: "1.1 proxy.contoso.example (squid)" },
        body: "<!DOCTYPE html><html><body>Access to 169.254.169.254 is not allowed.</body></html>",
      };
  }
}

function answerImds(request: Request, world: World, estate: Estate, tokens: Tokens): Answer {
  if (request.method !== "GET") return badRequest("Method not allowed.", 405);
  if (request.headers["metadata"] !== "true") return badRequest("Required metadata header not specified");
  if (request.headers["x-forwarded-for"] !== undefined)
    return badRequest("Request must not contain the X-Forwarded-For header");
  switch (request.segments.join("/").toLowerCase()) {
    case "metadata/identity/oauth2/token":
      return token(request, world.identity, tokens);
    case "metadata/instance":
      return instance(request, world, estate, (metadata) => metadata);
    case "metadata/instance/compute":
      return instance(request, world, estate, ({ compute }) => compute);
    case "metadata/instance/network":
      return instance(request, world, estate, ({ network }) => network);
    default:
      return { status: 404, body: { error: "Not found" } };
  }
}

function token(request: Request, identity: World["identity"], tokens: Tokens): Answer {
  const resource = request.query.get("resource");
  if (resource === null || resource === "") return badRequest("Required audience parameter not specified");
  const asked = (name: string, own: string): boolean =>
    (request.query.get(name) ?? own).toLowerCase() === own.toLowerCase();
  if (
    identity.kind !== "managedIdentity" ||
    !asked("client_id", identity.clientId) ||
    !asked("object_id", identity.objectId)
  )
    return badRequest("Identity not found");
  const now = Math.floor(Date.now() / 1000);
  return {
    status: 200,
    body: {
      access_token: tokens.issue(resource),
      client_id: identity.clientId,
      expires_in: String(tokens.lifetimeSeconds),
      // Text, as the service has it.
      expires_on: String(now + tokens.lifetimeSeconds),
      ext_expires_in: String(tokens.lifetimeSeconds),
      not_before: String(now),
      resource,
      token_type: "Bearer",
    },
  };
}

function instance(
  request: Request,
  world: World,
  estate: Estate,
  part: (metadata: { compute: unknown; network: unknown }) => unknown,
): Answer {
  const resourceId = world.vantage.resourceId;
  if (resourceId === undefined) return { status: 404, body: { error: "Not found" } };
  if (request.query.get("api-version") === null) {
    return {
      status: 400,
      body: {
        error:
          "Bad request. api-version was not specified in the request. For more information refer to aka.ms/azureimds",
        "newest-versions": ["2023-07-01", "2021-12-13", "2021-02-01"],
      },
    };
  }
  const segments = segmentsOf(resourceId);
  const machine = estate.find(resourceId.toLowerCase())?.resource;
  const properties = record(machine?.["properties"]);
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    status: 200,
    body: part({
      compute: {
        azEnvironment: environments[world.cloud],
        location: text(machine?.["location"]),
        name: segments.at(-1) ?? "",
        osType: text(record(record(properties["storageProfile"])["osDisk"])["osType"]),
        provider: "Microsoft.Compute",
        resourceGroupName: segments[3] ?? "",
        resourceId,
        subscriptionId: segments[1] ?? "",
        tags: "",
        tagsList: [],
        vmId: text(properties["vmId"]),
        vmSize: text(record(properties["hardwareProfile"])["vmSize"]),
        zone: "",
      },
      network: {
        interface: [
          {
            ipv4: {
              ipAddress: world.vantage.addresses.map((privateIpAddress) => ({ privateIpAddress, publicIpAddress: "" })),
              subnet: subnets(world, estate),
            },
            ipv6: { ipAddress: [] },
            macAddress: "000D3A000001",
          },
        ],
      },
    }),
  };
}

function subnets(world: World, estate: Estate): { address: string; prefix: string }[] {
  const subnet = world.vantage.subnetId === undefined ? undefined : estate.find(world.vantage.subnetId.toLowerCase());
  const prefix = record(subnet?.resource["properties"])["addressPrefix"];
  const [address, bits] = typeof prefix === "string" ? prefix.split("/") : [];
  return address === undefined || bits === undefined ? [] : [{ address, prefix: bits }];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function badRequest(description: string, status = 400): Answer {
  return { status, body: { error: "invalid_request", error_description: description } };
}
