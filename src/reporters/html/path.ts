import type { Hop } from "../../model/picture.ts";
import type { Report } from "../../model/report.ts";
import { clean } from "../clean.ts";
import { markup, type Markup } from "./markup.ts";
import { layOut, type Box } from "./path-layout.ts";
import { section, sign, signs, type Sign } from "./pieces.ts";

const states: Readonly<Record<Hop["status"], readonly [sign: Sign, word: string]>> = {
  broken: ["bad", "Broken here"],
  affected: ["warn", "A consequence"],
  unknown: ["open", "Not decided"],
  warning: ["warn", "Works, with a warning"],
  ok: ["good", "Works"],
  none: ["none", "Nothing to judge"],
};

/** The way from this machine to what a deployment needs: drawn, and told in words. */
export function pathPicture({ path, rootCauses }: Report): Markup | undefined {
  if (path === undefined || path.length === 0) return undefined;
  const broken = path.filter(({ status }) => status === "broken").map(({ title }) => title);
  const lead = broken.length > 0 ? `Broken at: ${broken.join(", ")}.` : undefined;
  const places = new Map(rootCauses.map(({ id }, index) => [id, index + 1] as const));
  return section(
    "path",
    "The path",
    markup`<figure class="card">
${drawing(path, lead ?? "No hop is known to be broken.")}
<figcaption><ol class="hops">
${path.map((hop) => told(hop, places))}</ol></figcaption>
</figure>`,
    lead,
  );
}

function drawing(hops: readonly Hop[], summary: string): Markup {
  const { boxes, edges, width, height } = layOut(hops);
  return markup`<div class="scroll" role="region" aria-label="Picture of the path" tabindex="0"><svg class="picture" viewBox="0 0 ${width} ${height}" role="img" aria-label="The path in ${hops.length} hops, which are told in words below. ${summary}">
<defs>${(["plain", "hurt"] as const).map((kind) => markup`<marker id="arrow-${kind}" class="arrow ${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>`)}</defs>
${edges.map(({ to, line }) => {
  const kind = to.status === "broken" ? "hurt" : "plain";
  return markup`<path class="edge ${kind}" d="${line}" marker-end="url(#arrow-${kind})"/>
`;
})}${boxes.map(drawn)}</svg></div>`;
}

/** Widths of one character of the picture's fonts, at most, in user units. */
const characterWidth = { title: 8.6, name: 7.1, words: 7.7 } as const;

function drawn({ hop, x, y, width, height }: Box): Markup {
  const [kind, word] = states[hop.status];
  const flat = height < 80;
  const inner = width - 28;
  const text = flat ? `${word}${hop.status === "ok" || hop.status === "none" ? "" : `: ${hop.words}`}` : word;
  const title = cut(
    flat && hop.name !== "" ? `${hop.title}: ${hop.name}` : hop.title,
    (width - 50) / characterWidth.title,
  );
  return markup`<g class="hop ${hop.status}" transform="translate(${x} ${y})"><title>${hop.title}${hop.name === "" ? "" : ` ${hop.name}`}: ${word}</title>
<rect width="${width}" height="${height}" rx="10"/>
<circle cx="24" cy="${flat ? 28 : 26}" r="11"/><text class="badge" x="24" y="${flat ? 33 : 31}" text-anchor="middle">${signs[kind]}</text>
<text class="title" x="44" y="${flat ? 24 : 31}">${title}</text>
${flat ? undefined : markup`<text class="name" x="14" y="56">${cut(hop.name, inner / characterWidth.name)}</text>`}
<text class="words" x="${flat ? 44 : 14}" y="${flat ? 42 : 78}">${cut(text, (flat ? width - 56 : inner) / characterWidth.words)}</text></g>
`;
}

function told(hop: Hop, places: ReadonlyMap<string, number>): Markup {
  const [kind, word] = states[hop.status];
  const links = hop.causes.flatMap((id) => {
    const place = places.get(id);
    return place === undefined ? [] : [markup` <a href="#cause-${place}">See root cause ${place}</a>`];
  });
  return markup`<li class="${hop.status}">${sign(kind)}<div><strong>${hop.title}</strong>${hop.name === "" ? undefined : markup` <code>${hop.name}</code>`}<br><span class="state">${word}:</span> ${hop.words}.${links}</div></li>
`;
}

/** Text that fits into a box; the whole stands in the words below. */
function cut(text: string, room: number): string {
  const characters = Array.from(clean(text));
  return characters.length <= room
    ? characters.join("")
    : `${characters.slice(0, Math.max(1, Math.floor(room) - 1)).join("")}…`;
}
