import type { AccessToken, GetTokenOptions, TokenCredential, TokenCredentialOptions } from "@azure/identity";
import type { HttpClient } from "@azure/core-rest-pipeline";
import { SignInError, signInError } from "./sign-in-error.ts";
import type { SignInJournal } from "./sign-in-journal.ts";
import { createTransport, type TransportOptions } from "./transport.ts";
import { isAbort, within } from "./within.ts";

/** How to sign in. `default` tries environment, workload identity, managed identity and the developer tools in turn. */
export const credentialKinds = [
  "default",
  "managed-identity",
  "environment",
  "azure-cli",
  "workload-identity",
  "client-secret",
] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** What a credential is made of. */
export interface CredentialOptions extends TransportOptions {
  readonly kind: CredentialKind;
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
  /** For `client-secret`. */
  readonly clientSecret?: string | undefined;
  /** For `workload-identity`: the file with the federated token. */
  readonly tokenFilePath?: string | undefined;
  /** The sign-in service of the cloud: `https://login.microsoftonline.us`. */
  readonly authorityHost?: string | undefined;
  /** For an authority that Entra's public directory does not know (private clouds). */
  readonly disableInstanceDiscovery?: boolean | undefined;
  /** The longest that one sign-in may take, in milliseconds. */
  readonly deadlineMs: number;
  readonly journal?: SignInJournal | undefined;
}

/** A credential whose `getToken` always ends within its deadline and fails only with {@link SignInError}. Requests for
 * the same token share one sign-in, and a failure is remembered: thirty look-ups must not wait thirty times for a
 * sign-in service that does not answer. The identity library is loaded at the first token. */
export function createCredential(options: CredentialOptions): TokenCredential {
  const flights = new Map<string, Promise<AccessToken>>();
  let inner: Promise<TokenCredential> | undefined;
  const line: Line = {};
  const secrets = options.clientSecret === undefined ? [] : [options.clientSecret];

  const signIn = async (scopes: string | string[], asked: GetTokenOptions): Promise<AccessToken> => {
    const deadline = AbortSignal.timeout(options.deadlineMs);
    try {
      inner ??= load(options, line);
      const token = await within(
        inner.then((credential) => credential.getToken(scopes, asked)),
        options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]),
      );
      if (token === null) throw new SignInError("no-credential", "the credential gave no token");
      options.journal?.signedIn(token.token);
      return token;
    } catch (error) {
      if (deadline.aborted || (isAbort(error) && options.signal?.aborted)) {
        throw new SignInError("timed-out", `signing in took longer than ${options.deadlineMs} ms`);
      }
      const told = signInError(error, secrets);
      // The identity library says only that an endpoint was not found; what the connection met is the better answer.
      const met = told.kind === "unreachable" && line.fault !== undefined ? signInError(line.fault, secrets) : told;
      throw met.kind === "refused" ? told : met;
    }
  };

  return {
    getToken(scopes, asked = {}) {
      const key = JSON.stringify([scopes, asked.claims, asked.tenantId]);
      const running = flights.get(key);
      if (running !== undefined) return running;
      // The caller's signal is left out: the sign-in is shared, and one caller's impatience is not another's.
      const { abortSignal: _, ...rest } = asked;
      const flight = signIn(scopes, rest);
      flights.set(key, flight);
      // A token is forgotten, since the identity library and the pipeline keep it as long as it is good.
      flight.then(
        () => flights.delete(key),
        (error: unknown) => {
          if (error instanceof SignInError) options.journal?.failed(error);
        },
      );
      return flight;
    },
  };
}

/** The last request of a sign-in: what it met when it brought no answer. */
interface Line {
  fault?: unknown;
}

async function load(options: CredentialOptions, line: Line): Promise<TokenCredential> {
  const identity = await import("@azure/identity");
  const transport = createTransport(options);
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      try {
        const answer = await transport.sendRequest(request);
        delete line.fault;
        options.journal?.answered(request, answer);
        return answer;
      } catch (error) {
        line.fault = error;
        throw error;
      }
    },
  };
  const common: TokenCredentialOptions & { httpClient: HttpClient } = {
    httpClient,
    retryOptions: { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 2000 },
    ...(options.authorityHost === undefined ? {} : { authorityHost: options.authorityHost }),
  };
  const entra = {
    ...common,
    ...(options.disableInstanceDiscovery === undefined
      ? {}
      : { disableInstanceDiscovery: options.disableInstanceDiscovery }),
  };
  const tenant = options.tenantId === undefined ? {} : { tenantId: options.tenantId };
  const client = options.clientId === undefined ? {} : { clientId: options.clientId };
  switch (options.kind) {
    case "default":
      return new identity.DefaultAzureCredential({
        ...entra,
        ...tenant,
        processTimeoutInMs: options.deadlineMs,
        ...(options.clientId === undefined ? {} : { managedIdentityClientId: options.clientId }),
      });
    case "managed-identity":
      return new identity.ManagedIdentityCredential({ ...common, ...client });
    case "environment":
      return new identity.EnvironmentCredential(entra);
    case "azure-cli":
      return new identity.AzureCliCredential({ ...tenant, processTimeoutInMs: options.deadlineMs });
    case "workload-identity":
      return new identity.WorkloadIdentityCredential({
        ...entra,
        ...tenant,
        ...client,
        ...(options.tokenFilePath === undefined ? {} : { tokenFilePath: options.tokenFilePath }),
      });
    case "client-secret": {
      const { tenantId, clientId, clientSecret } = options;
      if (tenantId === undefined || clientId === undefined || clientSecret === undefined) {
        throw new SignInError(
          "no-credential",
          "signing in with a client secret needs the tenant, the client id and the secret",
        );
      }
      return new identity.ClientSecretCredential(tenantId, clientId, clientSecret, entra);
    }
  }
}
