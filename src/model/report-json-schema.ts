import * as z from "zod";
import { reportSchema, reportSchemaId } from "./report.ts";

/** The JSON Schema (draft 2020-12) of the report. Open for additions: a reader must ignore what it does not know. */
export function reportJsonSchema(): Record<string, unknown> {
  return {
    $id: reportSchemaId,
    title: "aml-doctor report",
    description: "What `aml-doctor diagnose --output json` prints.",
    ...z.toJSONSchema(reportSchema, {
      target: "draft-2020-12",
      override: ({ jsonSchema }) => {
        if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      },
    }),
  };
}
