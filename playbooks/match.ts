import type { Playbook } from "../src/model/playbook.ts";
import { plain, sharedWords, wordsOf, type Words } from "./pasted-text.ts";

/** A playbook that may be about a complaint, and why we think so. */
export interface Candidate {
  readonly playbook: Playbook;
  /** Higher is likelier: above 1 an error fragment matched, the longer the higher; up to 1 how alike the complaint and the
   * playbook's wording of it are, rare words counting more. */
  readonly score: number;
  /** The error fragment, or the words in common. */
  readonly matched: string;
}

/** Playbooks for a complaint or a pasted error message, likeliest first; then by id. An error fragment outweighs words,
 * and the longest fragment wins: the longer it is, the fewer other faults can have written it. A playbook that looks at
 * everything is about every complaint, and therefore about none. */
export function findPlaybook(playbooks: readonly Playbook[], complaint: string): Candidate[] {
  const text = plain(complaint);
  const narrow = playbooks.filter(({ steps }) => steps.every(({ probe }) => probe !== "*"));
  const words = wordsOf(complaint);
  const weight = weightOf(narrow);
  return narrow
    .flatMap((playbook) => byError(playbook, text) ?? byWords(playbook, words, weight) ?? [])
    .sort((a, b) => b.score - a.score || (a.playbook.id < b.playbook.id ? -1 : 1));
}

/** Words that are less alike than this may be alike by chance. */
const leastAlike = 0.3;

/** The candidate that the complaint is about; undefined when there is none, when another fits as well (an error fragment of
 * the same length, or words that are nearly as alike), and when only a few words are alike. */
export function clearBest(candidates: readonly Candidate[]): Candidate | undefined {
  const [best, ...others] = asGood(candidates);
  return others.length === 0 && best !== undefined && best.score >= leastAlike ? best : undefined;
}

/** The first candidate and those between which the complaint does not decide; in the order given, which is
 * `findPlaybook`'s. */
export function asGood(candidates: readonly Candidate[]): Candidate[] {
  const [best] = candidates;
  if (best === undefined) return [];
  const least = best.score > 1 ? best.score : best.score * 0.75;
  return candidates.filter(({ score }) => score >= least);
}

function byError(playbook: Playbook, text: string): Candidate | undefined {
  let best: Candidate | undefined;
  for (const fragment of playbook.errors ?? []) {
    const parts = fragment.split("...").map(plain);
    const score = 1 + parts.join(" ").length;
    if (score > (best?.score ?? 0) && holds(text, parts)) best = { playbook, score, matched: fragment };
  }
  return best;
}

/** What stands for the variable part of a message may be this long, in characters. */
const longestGap = 300;

/** Whether a text holds the parts as whole words and in this order, near one another. */
function holds(text: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  for (let at = text.indexOf(first); at !== -1; at = text.indexOf(first, at + 1)) {
    if (isWhole(text, at, first) && follow(text, rest, at + first.length)) return true;
  }
  return false;
}

function follow(text: string, parts: readonly string[], from: number): boolean {
  let end = from;
  return parts.every((part) => {
    // One character more, to see where the last word ends.
    const near = text.slice(end, end + longestGap + part.length + 1);
    let at = near.indexOf(part);
    while (at !== -1 && !isWhole(near, at, part)) at = near.indexOf(part, at + 1);
    end += at + part.length;
    return at !== -1;
  });
}

/** Whether the part stands here as words of its own. Its last one may go on, as `OutOfQuota` does in `OutOfQuotaError`; a
 * number may not. */
function isWhole(text: string, at: number, part: string): boolean {
  const after = text[at + part.length] ?? " ";
  return (at === 0 || text[at - 1] === " ") && (after === " " || !/[0-9]$/.test(part));
}

function byWords(playbook: Playbook, words: Words, weight: (word: string) => number): Candidate | undefined {
  const total = (some: Iterable<string>): number => [...some].reduce((sum, word) => sum + weight(word), 0);
  let best: Candidate | undefined;
  for (const wording of wordingsOf(playbook)) {
    const own = wordsOf(wording);
    const common = sharedWords(words, own);
    // One word of a long complaint says nothing: "workspace" is in most of them.
    if (common.size === 0 || (common.size === 1 && words.size > 2)) continue;
    const score = total(common.keys()) / Math.sqrt(total(words.keys()) * total(own.keys()));
    if (score > (best?.score ?? 0)) best = { playbook, score, matched: [...common.values()].join(" ") };
  }
  return best;
}

function wordingsOf({ id, symptom, wordings = [] }: Playbook): string[] {
  return [symptom, id.replaceAll("-", " "), ...wordings];
}

/** A word that many playbooks use tells little. */
function weightOf(playbooks: readonly Playbook[]): (word: string) => number {
  const users = new Map<string, number>();
  for (const playbook of playbooks)
    for (const word of wordsOf(wordingsOf(playbook).join(" ")).keys()) users.set(word, (users.get(word) ?? 0) + 1);
  return (word) => Math.log(1 + playbooks.length / (users.get(word) ?? 1));
}
