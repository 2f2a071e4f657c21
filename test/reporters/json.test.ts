import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { reportSchema } from "../../src/model/report.ts";
import { renderJson } from "../../src/reporters/json.ts";
import { healthy, hostile, inconclusive, unhealthy } from "./reports.ts";
import { steering } from "./steering.ts";

const schema = JSON.parse(readFileSync(new URL("../../schemas/report.schema.json", import.meta.url), "utf8"));
const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv);
const validate = ajv.compile(schema);

describe("the JSON report", () => {
  it.each(Object.entries({ healthy, unhealthy, inconclusive, hostile }))(
    "of %s is the report, and follows the schema",
    (_, report) => {
      const read: unknown = JSON.parse(renderJson(report));
      expect(read).toEqual(report);
      expect(validate(read), JSON.stringify(validate.errors)).toBe(true);
      expect(reportSchema.safeParse(read).success).toBe(true);
    },
  );

  it("refuses what is no report, by the schema", () => {
    expect(validate({ ...healthy, verdict: "fine" })).toBe(false);
    expect(validate({ ...healthy, findings: [{}] })).toBe(false);
  });

  it("lets readers of this version meet additions", () => {
    expect(validate({ ...healthy, added: true })).toBe(true);
  });

  it("writes control and reordering characters as escapes", () => {
    expect(renderJson(hostile)).not.toMatch(steering);
  });
});
