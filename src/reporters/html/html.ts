import type { Report } from "../../model/report.ts";
import { banner } from "./banner.ts";
import { causes } from "./causes.ts";
import { changed } from "./changes.ts";
import { markup, Markup } from "./markup.ts";
import { matrix } from "./matrix.ts";
import { pathPicture } from "./path.ts";
import { targetName } from "./pieces.ts";
import { everythingElse, unexplained, unknowns, warnings } from "./rest.ts";
import { script, scriptHash } from "./script.ts";
import { style, styleHash } from "./style.ts";

/**
 * The report as one self-contained page: no request leaves it, it prints, it follows the reader's light or dark theme,
 * and it says everything without its script, which only adds buttons to copy commands. The policy in its head lets
 * nothing run but that script. Ends with a line end.
 */
export function renderHtml(report: Report): string {
  const policy = `default-src 'none'; style-src '${styleHash}'; script-src '${scriptHash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
${markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${targetName(report)}: ${report.verdict} · aml-doctor</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the findings</a>
${banner(report)}
<main id="main" tabindex="-1">
${changed(report)}${pathPicture(report)}${causes(report)}${unexplained(report)}${matrix(report)}${warnings(report)}${unknowns(report)}${everythingElse(report)}</main>
<footer><p>Made by aml-doctor ${report.tool.version} with the playbook <span class="id">${report.playbook}</span>. It only reads. The page holds for the machine that it was made on: what others see may differ.</p></footer>
<p id="told" class="spoken" role="status"></p>
<script>${new Markup(script)}</script>
</body>
</html>`.toString()}
`;
}
