/** What an error body says. Both are the service's own words: hostile text. */
export interface ArmErrorBody {
  readonly code?: string;
  readonly message?: string;
}

/** Reads an error body. Azure has many shapes of them: `{error:{code,message}}` with or without details, the same bare,
 * with capitals, `{Message}` alone, `{error: "text"}`, and a JSON text that holds JSON. Undefined when the body is no
 * JSON error at all (empty, HTML, other text). */
export function readErrorBody(body: string): ArmErrorBody | undefined {
  let json = parseJson(body);
  // The container registry sends the error as JSON inside a JSON string.
  if (typeof json === "string") json = parseJson(json);
  if (!isObject(json)) return undefined;
  const inner = pick(json, "error");
  if (typeof inner === "string") return withText(inner, pick(json, "error_description") ?? pick(json, "message"));
  const source = isObject(inner) ? inner : json;
  const found = withText(pick(source, "code"), pick(source, "message"));
  return found.code === undefined && found.message === undefined ? undefined : found;
}

/** JSON or undefined. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\ufeff/, "")) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether a JSON value is an object and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pick(object: Record<string, unknown>, name: string): unknown {
  return object[name] ?? object[`${name.charAt(0).toUpperCase()}${name.slice(1)}`];
}

function withText(code: unknown, message: unknown): ArmErrorBody {
  return {
    ...(typeof code === "string" && code !== "" ? { code } : {}),
    ...(typeof message === "string" && message !== "" ? { message } : {}),
  };
}
