import type { Report } from "../model/report.ts";
import { escapeJson } from "./clean.ts";

/** The report as JSON, the public interface described by `schemas/report.schema.json`. Ends with a line end. */
export function renderJson(report: Report): string {
  return `${escapeJson(JSON.stringify(report, null, 2))}\n`;
}
