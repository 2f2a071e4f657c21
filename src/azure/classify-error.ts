import { smallestRole } from "../model/built-in-roles.ts";
import type { Gap } from "../model/observation.ts";
import type { Answer } from "./answer.ts";
import { isObject, parseJson, readErrorBody, type ArmErrorBody } from "./arm-error-body.ts";
import { plainCode, plainLine } from "./plain-line.ts";
import { readRetryAfterMs } from "./retry-after.ts";
import { SignInError } from "./sign-in-error.ts";
import { isAbort } from "./within.ts";

/** What an answer means. */
export type Judged =
  | { readonly is: "found"; readonly json: Record<string, unknown> }
  | { readonly is: "absent" }
  | { readonly is: "gap"; readonly gap: Gap };

/** 404s that say that the question was wrong, not that there is nothing. */
const wrongQuestions = new Set([
  "invalidresourcetype",
  "invalidresourcenamespace",
  "noregisteredproviderfound",
  "invalidapiversionparameter",
  "missingapiversionparameter",
]);

/** Judges an answer. `action` is the action that the request took, for refusals that do not name theirs.
 *
 * A 404 is `absent` only when it is ARM's or the provider's word: a JSON error with a code, or the empty 404 that
 * Azure ML sends, which like all of Azure's answers carries `x-ms-` headers. Anything else under 404 is somebody on the
 * way. SubscriptionNotFound is absent too: a subscription of one's own tenant that may not be read answers 403, so what
 * is not found belongs to somebody else (the private endpoints of Microsoft's managed networks do). */
export function judgeAnswer(answer: Answer, action?: string): Judged {
  const { status, body } = answer;
  if (status === 200 || status === 201) {
    const json = parseJson(body);
    return isObject(json) ? { is: "found", json } : notJson(answer, body);
  }
  const error = readErrorBody(body);
  const code = error?.code?.toLowerCase();
  if (status === 404) {
    if (
      error === undefined &&
      body.trim() === "" &&
      Object.keys(answer.headers).some((name) => name.startsWith("x-ms-"))
    )
      return { is: "absent" };
    if (code === undefined) return error === undefined ? notJson(answer, body) : failed(answer, error);
    return wrongQuestions.has(code) ? failed(answer, error) : { is: "absent" };
  }
  if (status === 401) return denied(401, undefined, undefined);
  if (status === 403 && error !== undefined) {
    const refused = /perform (?:the )?action '([^']{1,200})'(?: over scope '([^']{1,1000})')?/.exec(
      error.message ?? "",
    );
    const scope = refused?.[2];
    if (refused !== null || code === "authorizationfailed" || code === "linkedauthorizationfailed") {
      return denied(
        403,
        plainAction(refused?.[1]) ?? action,
        scope?.startsWith("/") ? plainLine(scope, 1000) : undefined,
      );
    }
  }
  if (status === 429) return { is: "gap", gap: { gap: "throttled", retryAfterMs: readRetryAfterMs(answer) ?? 0 } };
  return failed(answer, error);
}

/** Why a request brought no answer at all. */
export function judgeThrown(error: unknown, afterMs: number): Gap {
  if (error instanceof SignInError) return signInGap(error, afterMs);
  if (isAbort(error)) return { gap: "timed-out", afterMs };
  const message = error instanceof Error ? error.message : "";
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // The answer broke off in the middle: the connection was lost.
  if (code === "PARSE_ERROR") return { gap: "unreachable", code: "ECONNRESET" };
  if (typeof code === "string" && /^[A-Z][A-Z0-9_]+$/.test(code))
    return { gap: "unreachable", code: plainCode(code, "ECONNFAILED") };
  return { gap: "error", code: "request-failed", message: plainLine(message) };
}

/** A failed sign-in as the gap of every look-up that needed it. */
export function signInGap(error: SignInError, afterMs: number): Gap {
  switch (error.kind) {
    case "refused":
      return { gap: "denied", status: 401, message: error.message };
    case "timed-out":
      return { gap: "timed-out", afterMs };
    case "unreachable":
      return { gap: "unreachable", code: error.code ?? "ECONNFAILED", during: "sign-in" };
    case "no-credential":
      return { gap: "error", code: "sign-in", message: error.message };
  }
}

function plainAction(action: string | undefined): string | undefined {
  return action !== undefined && /^[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*(?:\/[A-Za-z0-9_.*-]+)+$/.test(action)
    ? action
    : undefined;
}

function denied(status: 401 | 403, action: string | undefined, scope: string | undefined): Judged {
  return {
    is: "gap",
    gap: {
      gap: "denied",
      status,
      ...(action === undefined ? {} : { action, role: smallestRole(action) }),
      ...(scope === undefined ? {} : { scope }),
    },
  };
}

function failed(answer: Answer, error: ArmErrorBody | undefined): Judged {
  const { status } = answer;
  if (status >= 300 && status < 400)
    return gap(
      `http-${status}`,
      "the answer is a redirect, which Azure Resource Manager does not send: something on the way answered in its place",
    );
  const text = error?.message ?? (error === undefined ? answer.body.replace(/<[^>]{0,500}>/g, " ") : "");
  return gap(plainCode(error?.code, `http-${status}`), plainLine(text) || `HTTP ${status}`);
}

function notJson(answer: Answer, body: string): Judged {
  const what =
    body.trim() === ""
      ? "it is empty"
      : /^\s*</.test(body)
        ? "it is HTML or XML: something on the way may have answered in its place"
        : "it is cut off or is something else";
  return gap(
    "not-json",
    `the answer (HTTP ${answer.status}) is not the JSON that Azure Resource Manager sends: ${what}`,
  );
}

function gap(code: string, message: string): Judged {
  return { is: "gap", gap: { gap: "error", code, message } };
}
