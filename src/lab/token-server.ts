import type { Answer, Request } from "./answer.ts";
import type { Tokens } from "./tokens.ts";
import type { World } from "./world.ts";

/** Entra ID's part of the HTTPS server: discovery and the token endpoints, those of AD FS's form included. */
export interface TokenService {
  /** Undefined when the path is none of Entra ID's. */
  answer(request: Request): Answer | undefined;
}

/** `refuseSecret`: every client secret and assertion is refused, as an expired one is, or with this AADSTS text. */
export function createTokenService(
  identity: World["identity"],
  tokens: Tokens,
  authority: () => string,
  options: { refuseSecret: boolean | string },
): TokenService {
  const token = (tenant: string, request: Request): Answer => {
    if (request.method !== "POST") return { status: 405, headers: { allow: "POST" } };
    const form = new URLSearchParams(request.body);
    const client = form.get("client_id") ?? "";
    if (!["adfs", "organizations", "common", identity.tenantId.toLowerCase()].includes(tenant)) {
      return refused(
        400,
        "invalid_request",
        `AADSTS90002: Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
      );
    }
    if (client.toLowerCase() !== identity.clientId.toLowerCase()) {
      return refused(
        400,
        "unauthorized_client",
        `AADSTS700016: Application with identifier '${client}' was not found in the directory '${tenant}'.`,
      );
    }
    if (form.get("grant_type") !== "client_credentials")
      return refused(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.");
    const proof = form.get("client_secret") ?? form.get("client_assertion") ?? "";
    if (proof === "" || options.refuseSecret !== false)
      return refused(
        401,
        "invalid_client",
        typeof options.refuseSecret === "string"
          ? options.refuseSecret
          : "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
      );
    const audience =
      form.get("resource") ??
      (form.get("scope") ?? "")
        .split(" ")
        .find((scope) => scope.endsWith("/.default"))
        ?.replace(/\/\.default$/, "");
    if (audience === undefined)
      return refused(
        400,
        "invalid_scope",
        "AADSTS1002012: The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.",
      );
    return {
      status: 200,
      headers: noStore,
      body: {
        token_type: "Bearer",
        expires_in: tokens.lifetimeSeconds,
        ext_expires_in: tokens.lifetimeSeconds,
        access_token: tokens.issue(audience),
      },
    };
  };
  return {
    answer(request) {
      const [tenant = "", ...rest] = request.segments.map((segment) => segment.toLowerCase());
      switch (rest.join("/")) {
        case ".well-known/openid-configuration":
        case "v2.0/.well-known/openid-configuration":
          return { status: 200, body: openidConfiguration(authority(), tenant) };
        case "discovery/instance":
          return { status: 200, body: instanceDiscovery(authority(), identity.tenantId) };
        case "discovery/v2.0/keys":
        case "discovery/keys":
          return { status: 200, body: { keys: [] } };
        case "oauth2/token":
        case "oauth2/v2.0/token":
          return token(tenant, request);
        default:
          return undefined;
      }
    },
  };
}

const noStore = { "cache-control": "no-store, no-cache", pragma: "no-cache" };

function openidConfiguration(authority: string, tenant: string): Record<string, unknown> {
  const isAdfs = tenant === "adfs";
  const base = `${authority}/${tenant}`;
  const oauth = isAdfs ? `${base}/oauth2` : `${base}/oauth2/v2.0`;
  return {
    issuer: isAdfs ? base : `${base}/v2.0`,
    token_endpoint: `${oauth}/token`,
    authorization_endpoint: `${oauth}/authorize`,
    device_authorization_endpoint: `${oauth}/devicecode`,
    jwks_uri: isAdfs ? `${base}/discovery/keys` : `${base}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
  };
}

function instanceDiscovery(authority: string, tenantId: string): Record<string, unknown> {
  const host = new URL(authority).host;
  return {
    tenant_discovery_endpoint: `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

function refused(status: number, error: string, description: string): Answer {
  const codes = [Number(/^AADSTS(\d+)/.exec(description)?.[1])];
  return {
    status,
    headers: noStore,
    body: {
      error,
      error_description: description,
      error_codes: codes,
      timestamp: new Date().toISOString(),
      trace_id: "",
      correlation_id: "",
    },
  };
}
