/** How the page looks: by variables, so that the dark theme and print change colours only. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f4f6f9; --card: #fff; --ink: #1a2330; --faint: #556173; --line: #d8dee7; --link: #0a58a8; --code: #eef1f6;
  --good: #12683a; --good-tint: #e6f4ec; --bad: #b0231c; --bad-tint: #fdeceb; --open: #7a4f00; --open-tint: #fdf2dc; --none: #556173;
  --sans: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", Menlo, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f141b; --card: #171f29; --ink: #e5eaf1; --faint: #a5b1c1; --line: #2d3846; --link: #80baff; --code: #212b38;
    --good: #6fd49b; --good-tint: #14291e; --bad: #ff958c; --bad-tint: #371c1d; --open: #f1c36d; --open-tint: #302712; --none: #a5b1c1;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2.5rem) 3rem; max-width: 84rem; background: var(--page); color: var(--ink); font: 1rem/1.55 var(--sans); overflow-wrap: anywhere; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { margin: 0; font-size: 1.75rem; }
h2 { margin: 2.75rem 0 .75rem; font-size: 1.35rem; }
h3 { margin: 0 0 .5rem; font-size: 1.15rem; }
h4 { margin: 1.5rem 0 .5rem; font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--faint); }
p { margin: .4rem 0; }
a { color: var(--link); text-underline-offset: .15em; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
code, pre, .id, .subject { font-family: var(--mono); font-size: .86em; overflow-wrap: anywhere; }
.faint, .lead { color: var(--faint); }
.spoken { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); border-radius: 0 0 8px 8px; }
.skip:focus { top: 0; }
.id { padding: .1em .45em; border: 1px solid var(--line); border-radius: 6px; background: var(--code); }
.sign { font-weight: 700; }
.sign.good, .cell.good .sign { color: var(--good); }
.sign.bad { color: var(--bad); }
.sign.open, .sign.warn { color: var(--open); }
.sign.none { color: var(--none); }
.card, .banner, .cause { background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.banner { padding: 1.5rem; border-top: 6px solid var(--none); }
.banner.healthy { border-top-color: var(--good); }
.banner.unhealthy { border-top-color: var(--bad); }
.banner.inconclusive { border-top-color: var(--open); }
.verdict { display: flex; gap: 1.1rem; align-items: start; }
.seal { flex: none; display: grid; place-items: center; width: 3.4rem; height: 3.4rem; border-radius: 50%; font-size: 1.7rem; font-weight: 700; background: var(--code); }
.healthy .seal { color: var(--good); background: var(--good-tint); }
.unhealthy .seal { color: var(--bad); background: var(--bad-tint); }
.inconclusive .seal { color: var(--open); background: var(--open-tint); }
.healthy .word { color: var(--good); }
.unhealthy .word { color: var(--bad); }
.inconclusive .word { color: var(--open); }
h1 .name { font-weight: 500; overflow-wrap: anywhere; }
.because { font-size: 1.05rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .7rem 1.5rem; margin: 1.25rem 0 0; }
dt { font-size: .78rem; color: var(--faint); }
dd { margin: 0; font-size: .92rem; overflow-wrap: anywhere; }
figure { margin: 0; padding: 1.25rem; }
.scroll { position: relative; overflow-x: auto; border-radius: 8px; }
.picture { display: block; width: 100%; min-width: 46rem; height: auto; font-family: var(--sans); }
.hop rect { fill: var(--card); stroke: var(--line); stroke-width: 1.5; }
.hop circle { fill: var(--none); }
.hop text { fill: var(--ink); }
.hop .badge { fill: var(--card); font-size: 13px; font-weight: 700; }
.hop .title { font-size: 14px; font-weight: 650; }
.hop .name { font: 11.5px var(--mono); fill: var(--faint); }
.hop .words { font-size: 12.5px; fill: var(--faint); }
.hop.ok circle { fill: var(--good); }
.hop.warning circle, .hop.unknown circle, .hop.affected circle { fill: var(--open); }
.hop.affected rect { stroke: var(--open); fill: var(--open-tint); }
.hop.unknown rect { stroke: var(--open); stroke-dasharray: 6 5; }
.hop.none rect { stroke-dasharray: 3 5; }
.hop.broken rect { stroke: var(--bad); stroke-width: 3.5; fill: var(--bad-tint); }
.hop.broken circle { fill: var(--bad); }
.hop.broken .words { fill: var(--bad); font-weight: 650; }
.hop.affected .words, .hop.unknown .words { fill: var(--open); }
.edge { fill: none; stroke: var(--faint); stroke-width: 1.75; }
.edge.hurt { stroke: var(--bad); stroke-width: 2.5; stroke-dasharray: 5 4; }
.arrow path { fill: var(--faint); }
.arrow.hurt path { fill: var(--bad); }
.hops { list-style: none; margin: 1.25rem 0 0; padding: 1rem 0 0; border-top: 1px solid var(--line); display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: .75rem 1.5rem; font-size: .9rem; }
.hops li { display: grid; grid-template-columns: 1.2rem 1fr; }
.hops .broken .state { color: var(--bad); font-weight: 650; }
.cause { padding: 1.4rem 1.5rem; margin: 0 0 1.25rem; border-left: 6px solid var(--bad); }
.number { display: inline-grid; place-items: center; width: 1.7rem; height: 1.7rem; margin-right: .35rem; border-radius: 50%; background: var(--bad); color: var(--card); font-size: .95rem; }
.tags { display: flex; flex-wrap: wrap; gap: .5rem; margin: .3rem 0 .6rem; }
.tag { padding: .1em .7em; border-radius: 1em; font-size: .82rem; font-weight: 600; }
.tag.sure { color: var(--bad); background: var(--bad-tint); }
.tag.unsure { color: var(--open); background: var(--open-tint); }
.detail { max-width: 100ch; }
.note { padding: .55rem .8rem; border-radius: 8px; background: var(--open-tint); max-width: 90ch; }
.label { margin-top: .8rem; font-size: .9rem; color: var(--faint); }
.docs { font-size: .9rem; color: var(--faint); }
.steps { padding-left: 1.4rem; }
.steps > li { margin-bottom: 1.1rem; }
.command { position: relative; margin: .5rem 0; }
pre { margin: 0; padding: .8rem 5.2rem .8rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--code); white-space: pre-wrap; overflow-wrap: anywhere; }
.command button { position: absolute; top: .45rem; right: .45rem; padding: .25rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: var(--ink); font: 600 .8rem var(--sans); cursor: pointer; }
.command button:hover { border-color: var(--link); color: var(--link); }
table { width: 100%; border-collapse: collapse; font-size: .88rem; background: var(--card); }
th, td { padding: .5rem .65rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { font-size: .78rem; color: var(--faint); background: var(--code); }
tbody th { font-weight: 400; }
.evidence { table-layout: fixed; }
.evidence th, .evidence td { overflow-wrap: break-word; }
.evidence th:first-child { width: 50%; }
.evidence th:last-child { width: 20%; }
.matrix { min-width: 62rem; overflow-wrap: break-word; }
.matrix .service { font-weight: 650; }
.matrix tbody th { min-width: 15rem; max-width: 22rem; }
.wrong > tr > th { box-shadow: inset 5px 0 0 var(--bad); }
.cell { display: inline-flex; gap: .35rem; }
.cell code { overflow-wrap: normal; }
.cell.bad { color: var(--bad); font-weight: 650; }
.cell.open { color: var(--open); }
details { margin: .5rem 0; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
td details, .cause details { background: none; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
.caution { border-left: 5px solid var(--open); }
.findings li { margin-bottom: .35rem; }
@media (max-width: 40rem) {
  body { padding-inline: .6rem; }
  .banner, .cause, figure { padding: 1rem .8rem; }
  .seal { width: 2.4rem; height: 2.4rem; font-size: 1.2rem; }
  h1 { font-size: 1.4rem; }
  dl { grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .6rem 1rem; }
  .evidence { font-size: .8rem; }
  .evidence th, .evidence td { padding: .35rem .4rem; }
  .evidence th:first-child { width: 40%; }
  .evidence th:last-child { width: 26%; }
  .steps, .cause ul { padding-left: 1.1rem; }
  pre { padding: 2.3rem .7rem .7rem; }
}
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .88rem; color: var(--faint); }
@media print {
  :root {
    color-scheme: light; font-size: 9pt;
    --page: #fff; --card: #fff; --ink: #000; --faint: #444; --line: #aaa; --link: #003a75; --code: #f4f4f4;
    --good: #0a5128; --good-tint: #fff; --bad: #9b1510; --bad-tint: #fff; --open: #5c3b00; --open-tint: #fff; --none: #444;
  }
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; }
  .skip, .command button { display: none; }
  .scroll { overflow: visible; }
  .picture, .matrix { min-width: 0; }
  .matrix, .matrix thead th { font-size: 6.5pt; }
  .matrix th, .matrix td { padding: .15rem .25rem; }
  .matrix tbody th { min-width: 0; }
  pre { padding-right: 1rem; }
  h2, h3, h4 { break-after: avoid; }
  tr, .picture, .hops li, pre, .note { break-inside: avoid; }
  .evidence { font-size: .95em; }
  details::details-content { content-visibility: visible; height: auto; }
}
@media (forced-colors: active) {
  .hop.broken rect { stroke: LinkText; }
}
`;

/** Of `style`, for the page's policy. Held to it by a test. */
export const styleHash = "sha256-YgMZBaOFE4TmJNjZubflB2R/AtmnU6rGYcTsFU3wJmw=";
