import { cleanLine } from "./clean-text.ts";

/** Response headers that say who answered and why. Everything else, cookies above all, is left behind. */
const allowed = new Set([
  "azureml-model-deployment",
  "azureml-model-group",
  "content-length",
  "content-type",
  "date",
  "docker-distribution-api-version",
  "location",
  "proxy-authenticate",
  "retry-after",
  "server",
  "via",
  "www-authenticate",
  "x-cache",
  "x-request-id",
]);
const allowedPrefixes = ["x-ms-", "ms-azureml-model-error-", "ms-azureml-bandwidth-"];

/** They begin with `x-ms-` and hold the customer's own text, keys or signed addresses. */
const withheld = /^x-ms-(?:meta-|copy-|authorization|encryption-key|client-principal|token)/;

/** The headers of an answer that a report may show: lower-case names, one harmless line each. */
export function diagnosticHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const shown: [string, string][] = [];
  for (const [key, value] of Object.entries(headers)) {
    const name = key.toLowerCase();
    if (value === undefined || withheld.test(name)) continue;
    if (!allowed.has(name) && !allowedPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    if (!/^[a-z0-9-]{1,64}$/.test(name)) continue;
    const text = cleanLine(Array.isArray(value) ? value.join(", ") : value, 1024);
    shown.push([name, hideSecrets(name, text)]);
  }
  return Object.fromEntries(shown);
}

function hideSecrets(name: string, text: string): string {
  // What follows the `?` may be a signature or a sign-in code; what comes before an `@`, a password.
  if (name === "location") return text.replace(/[?#].*$/, "?***").replace(/^(\w+:)?\/\/[^/@]*@/, "$1//***@");
  if (name.endsWith("-authenticate")) {
    return text
      .replace(/\b(negotiate|ntlm|kerberos)\s+[\w+/=-]{8,}/gi, "$1 ***")
      .replace(/\b(nonce|opaque)="?[^",]*"?/gi, '$1="***"');
  }
  return text;
}
