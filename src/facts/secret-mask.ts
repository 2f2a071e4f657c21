/** Shapes of secrets that find their way into logs: signatures, keys, tokens, passwords in URLs and connection strings. */
const shapes: readonly [RegExp, string][] = [
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, "***"],
  [/\b(sig|se_sig|code)=[^&\s"']+/gi, "$1=***"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 ***"],
  [/:\/\/[^\s/@:]+:[^\s/@]+@/g, "://***:***@"],
  [
    // What follows the name of an error, such as KeyError or AuthorizationFailure, is its message and no value; what follows
    // that of a vault is the vault's address.
    /\b(?![\w.-]*(?:error|exception|failure|failed|mismatch|denied|key-?vault)["']?\s*[=:])([\w.-]*(?:key|password|passwd|pwd|secret|token|credential|authorization)[\w.-]*["']?\s*[=:]\s*["']?)[^\s"',;&]{4,}/gi,
    "$1***",
  ],
  // Long opaque text. Names of resources have dots, dashes or slashes at shorter distances; image digests are let be.
  [/(?<!sha256:)\b(?=[\w+/]*\d)(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])[A-Za-z0-9+]{32,}={0,2}/g, "***"],
];

/** Text with everything masked that looks like a secret, without control characters, and cut to `limit` characters. */
export function maskSecrets(text: string, limit = 300): string {
  // eslint-disable-next-line no-control-regex
  let clean = text.slice(0, 4000).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, " ");
  for (const [shape, mask] of shapes) clean = clean.replace(shape, mask);
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}
