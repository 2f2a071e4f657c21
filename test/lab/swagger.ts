import { join } from "node:path";
import { LiveValidator } from "oav";

/** The api-versions of the documents that are loaded, by provider. */
const versions: Readonly<Record<string, string>> = {
  "microsoft.machinelearningservices": "2024-04-01",
  "microsoft.keyvault": "2023-07-01",
  "microsoft.containerregistry": "2023-07-01",
  "microsoft.storage": "2023-05-01",
  "microsoft.network": "2024-01-01",
  "microsoft.authorization": "2022-04-01",
};
const privateDnsVersion = "2020-06-01";
/** The network provider has about a hundred documents; these are the ones of what worlds hold. */
const networkDocuments =
  "azureFirewall,firewallPolicy,natGateway,networkInterface,networkSecurityGroup,privateEndpoint,publicIpAddress,routeTable,virtualNetwork,virtualNetworkGateway";

/** One disagreement between an answer and the OpenAPI document of its provider. */
export interface Disagreement {
  readonly code: string;
  /** Where in the body: `/value/0/properties/x`. */
  readonly at: readonly string[];
  readonly message: string;
}

/** Judges answers by Azure's own OpenAPI documents. */
export interface Swagger {
  /** The version to ask a path with; undefined when no document covers it. */
  versionOf(path: string): string | undefined;
  check(
    url: string,
    method: string,
    answer: { status: number; headers: Record<string, string>; body: unknown },
  ): Promise<Disagreement[]>;
}

/** Loads the documents under `folder` (`…/arm-specs`). */
export async function loadSwagger(folder: string): Promise<Swagger> {
  // It logs every ambiguity of the documents; what matters comes back as a disagreement.
  const quiet = (): void => undefined;
  const options = {
    directory: join(folder, "specification"),
    git: { shouldClone: false },
    swaggerPathsPattern: [
      "machinelearningservices/**/2024-04-01/*.json",
      "keyvault/**/2023-07-01/*.json",
      "containerregistry/**/2023-07-01/*.json",
      "storage/**/2023-05-01/*.json",
      `network/**/2024-01-01/{${networkDocuments}}.json`,
      "privatedns/**/2020-06-01/*.json",
      "authorization/**/2022-04-01/*.json",
    ],
    excludedSwaggerPathsPattern: ["**/examples/**"],
    isPathCaseSensitive: false,
    loadValidatorInInitialize: false,
  };
  const validator = new LiveValidator(options, quiet);
  await validator.initialize();
  return {
    versionOf(path) {
      const [namespace = "", type = ""] = path.toLowerCase().split("/providers/").at(-1)?.split("/") ?? [];
      return type === "privatednszones" ? privateDnsVersion : versions[namespace];
    },
    async check(url, method, { status, headers, body }) {
      const response = {
        statusCode: String(status),
        headers,
        ...(typeof body === "object" && body !== null ? { body: body as Record<string, unknown> } : {}),
      };
      const { errors, runtimeException } = await validator.validateLiveResponse(response, { url, method });
      const found = errors.map((error) => ({ code: error.code, at: error.pathsInPayload, message: error.message }));
      return runtimeException === undefined
        ? found
        : [...found, { code: runtimeException.code, at: [], message: runtimeException.message }];
    },
  };
}
