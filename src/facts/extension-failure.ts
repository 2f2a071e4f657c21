/** A code of the extension's health check, and its name in the documentation "Troubleshoot Azure Machine Learning extension". */
const codes: Readonly<Record<string, string>> = {
  E40000: "UNKNOWN_ERROR",
  E40001: "LOAD_BALANCER_NOT_SUPPORT",
  E40002: "INSUFFICIENT_NODE",
  E40003: "INTERNAL_LOAD_BALANCER_NOT_SUPPORT",
  E40007: "INVALID_SSL_SETTING",
  E45001: "AGENT_UNHEALTHY",
  E45002: "PROMETHEUS_CONFLICT",
  E45003: "BAD_NETWORK_CONNECTIVITY",
  E45004: "AZUREML_FE_ROLE_CONFLICT",
  E45005: "AZUREML_FE_DEPLOYMENT_CONFLICT",
};

/** Names in running text: `Azureml Fe deployment conflict` for `AZUREML_FE_DEPLOYMENT_CONFLICT`. */
function shapeOf(name: string): RegExp {
  return new RegExp(name.replaceAll("_", "[_ -]"), "i");
}

/** The codes that a text names, by number or by name; in the order of the list, each once. */
export function extensionCodes(text: string): string[] {
  return Object.entries(codes).flatMap(([code, name]) =>
    new RegExp(`\\b${code}\\b`).test(text) || shapeOf(name).test(text) ? [code] : [],
  );
}

/** `E45005 (AZUREML_FE_DEPLOYMENT_CONFLICT)`. */
export function codeName(code: string): string {
  return codes[code] === undefined ? code : `${code} (${codes[code]})`;
}

/** What an extension's own words come to when no code is named but the certificate settings are. */
export function speaksOfCertificate(text: string): boolean {
  return /ssl[_ ]?(?:cert|key|cname|secret|setting)|certificate settings?|sslCertPemFile|sslKeyPemFile/i.test(text);
}
