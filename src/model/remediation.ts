/** A command that can be pasted: complete, with the real names in it. */
export interface Command {
  readonly shell: "az" | "kubectl" | "powershell" | "sh";
  readonly text: string;
}

/** One step that mends a cause. */
export interface Remediation {
  /** An imperative sentence. */
  readonly summary: string;
  readonly commands: readonly Command[];
  /** What to know before running it. */
  readonly warning?: string;
  /** How long it takes to show. */
  readonly takesEffect?: string;
  /** How to see that it worked. */
  readonly verify: readonly string[];
  readonly docs?: string;
}

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One argument quoted for a POSIX shell. Names come from Azure and are hostile: whatever is not plainly harmless is
 * put in single quotes, and control characters are dropped. */
export function quote(argument: string): string {
  // eslint-disable-next-line no-control-regex
  const clean = argument.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "");
  return clean !== "" && plain.test(clean) ? clean : `'${clean.replaceAll("'", `'\\''`)}'`;
}

/** An `az` command from its arguments; each is quoted as needed. */
export function az(...argumentsOf: readonly string[]): Command {
  return { shell: "az", text: ["az", ...argumentsOf].map(quote).join(" ") };
}

/** `az rest` with a relative URL, which works in every cloud and without extensions. */
export function azRest(
  method: "get" | "post" | "patch" | "put" | "delete",
  path: string,
  apiVersion: string,
  body?: unknown,
): Command {
  return az(
    "rest",
    "--method",
    method,
    "--url",
    `${path}?api-version=${apiVersion}`,
    ...(body === undefined ? [] : ["--body", JSON.stringify(body)]),
  );
}

/** A `kubectl` command from its arguments; each is quoted as needed. */
export function kubectl(...argumentsOf: readonly string[]): Command {
  return { shell: "kubectl", text: ["kubectl", ...argumentsOf].map(quote).join(" ") };
}

/** A shell command from its arguments; each is quoted as needed. */
export function sh(...argumentsOf: readonly string[]): Command {
  return { shell: "sh", text: argumentsOf.map(quote).join(" ") };
}
