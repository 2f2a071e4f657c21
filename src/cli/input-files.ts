import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileError, inputError, messageOf } from "./errors.ts";

/** The authorities of `--ca`: PEM text in which every certificate can be read. */
export async function readAuthorities(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readText("the certificate authorities", file);
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0)
    throw inputError(`the certificate authorities ${file}: the file holds no certificate in PEM form`);
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      throw inputError(
        `the certificate authorities ${file}: certificate ${index + 1} cannot be read: ${messageOf(error)}`,
      );
    }
  }
  return certificates.join("\n");
}

/** The request body of `--score`, as it is sent. Models that we can ask take JSON. */
export async function readScore(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readText("the request to score with", file);
  try {
    JSON.parse(text);
  } catch (error) {
    throw inputError(`the request to score with ${file}: it is not JSON: ${messageOf(error)}`);
  }
  return text;
}

function readText(what: string, file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw fileError(what, file, error);
  });
}
