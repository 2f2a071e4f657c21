import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Ajv } from "ajv";
import formats from "ajv-formats";

/** What another program said to a text. */
export interface Said {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Gives a text to a program on its standard input; undefined when the program is not installed. */
export function give(program: string, given: readonly string[], text: string): Said | undefined {
  const ended = spawnSync(program, given, { input: text, encoding: "utf8", timeout: 15_000 });
  if (ended.error !== undefined && "code" in ended.error && ended.error.code === "ENOENT") return undefined;
  return { exitCode: ended.status, output: `${ended.stdout}${ended.stderr}` };
}

/** Faults of a SARIF log by the schema that Microsoft ships with its test matchers. */
export function sarifFaults(log: unknown): readonly string[] {
  const matchers = createRequire(import.meta.url).resolve("@microsoft/jest-sarif/package.json");
  const file = path.join(path.dirname(matchers), "lib", "schemas", "sarif-2.1.0-rtm.5.json");
  const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(file, "utf8"));
  // The schema is of draft 4 and uses nothing that later drafts read otherwise.
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  return validate(log)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`);
}
