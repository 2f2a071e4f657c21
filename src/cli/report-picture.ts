import { sanitize } from "../engine/sanitize.ts";
import type { Store } from "../engine/store.ts";
import { paths } from "../facts/paths.ts";
import { valueOf } from "../model/observation.ts";
import type { Report } from "../model/report.ts";
import { matrixOf } from "./report-matrix.ts";
import { pathOf } from "./report-path.ts";

/** The report with its picture: the hops of the path, and the matrix where the run measured one. It asks for nothing that
 * the run did not look up anyway. */
export async function withPicture(report: Report, store: Store): Promise<Report> {
  const measured = paths.key in store.snapshot() ? valueOf(await store.observe(paths)) : undefined;
  const picture: Pick<Report, "path" | "matrix"> = {
    path: pathOf(report, measured ?? []),
    ...(measured === undefined ? {} : { matrix: matrixOf(measured) }),
  };
  return { ...report, ...sanitize(picture) };
}
