import * as z from "zod";
import { KubeconfigError, type Access, type ExecPlugin } from "./kubeconfig.ts";

/** What signing in needs of the machine. */
export interface SignInMeans {
  readFile(path: string): Promise<string>;
  /** Runs a program, never through a shell, and gives its standard output. Rejects when it fails or takes too long. */
  run(
    program: string,
    programArguments: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<string>;
}

/** How a connection to an API server is made and authorised. Holds secrets: never logged, never stored. */
export interface Credentials {
  readonly server: URL;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

const execCredential = z.object({
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
});

/**
 * The credentials of a kubeconfig's context: a token, a token file, a client certificate, or an exec plugin such as
 * kubelogin, which AKS with Entra ID uses. Throws KubeconfigError.
 */
export async function credentialsOf({ context, cluster, user }: Access, means: SignInMeans): Promise<Credentials> {
  const text = async (
    data: string | null | undefined,
    file: string | null | undefined,
  ): Promise<string | undefined> => {
    if (data) return Buffer.from(data, "base64").toString("utf8");
    return file
      ? means
          .readFile(file)
          .catch(() =>
            Promise.reject(new KubeconfigError(`the file ${file} that the context ${context} names cannot be read`)),
          )
      : undefined;
  };
  const [ca, cert, key, tokenFromFile] = await Promise.all([
    text(cluster["certificate-authority-data"], cluster["certificate-authority"]),
    text(user["client-certificate-data"], user["client-certificate"]),
    text(user["client-key-data"], user["client-key"]),
    text(undefined, user.tokenFile),
  ]);
  const plugin = user.exec ? await askPlugin(user.exec, means) : {};
  const token = (plugin.token ?? user.token ?? tokenFromFile)?.trim();
  // It becomes a header, which takes neither line breaks nor anything beyond ASCII.
  if (token !== undefined && !/^[\x21-\x7e]*$/.test(token))
    throw new KubeconfigError(`the token of the context ${context} holds characters that no token has`);
  return {
    server: new URL(cluster.server),
    rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    ...(ca === undefined ? {} : { ca }),
    ...given("cert", plugin.clientCertificateData ?? cert),
    ...given("key", plugin.clientKeyData ?? key),
    ...given("token", token),
    ...(cluster["tls-server-name"] ? { servername: cluster["tls-server-name"] } : {}),
  };
}

function given<K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined || value === "" ? {} : ({ [name]: value } as Record<K, string>);
}

async function askPlugin(plugin: ExecPlugin, means: SignInMeans): Promise<z.infer<typeof execCredential>["status"]> {
  const environment = {
    ...Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify({
      apiVersion: plugin.apiVersion,
      kind: "ExecCredential",
      spec: { interactive: false },
    }),
  };
  let said: string;
  try {
    said = await means.run(plugin.command, plugin.args ?? [], environment);
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new KubeconfigError(
      missing
        ? `the sign-in program ${plugin.command} is not installed`
        : `the sign-in program ${plugin.command} failed`,
    );
  }
  try {
    return execCredential.parse(JSON.parse(said)).status;
  } catch {
    throw new KubeconfigError(`the sign-in program ${plugin.command} gave no credential`);
  }
}
