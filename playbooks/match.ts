import type { Playbook } from "../src/model/playbook.ts";

/** A playbook that may be about a complaint, and why we think so. */
export interface Candidate {
  readonly playbook: Playbook;
  /** Higher is likelier: above 1 an error fragment matched, the longer the higher; up to 1 the share of the complaint's
   * words that the symptom has. */
  readonly score: number;
  /** The error fragment, or the words in common. */
  readonly matched: string;
}

/** Playbooks for a complaint or a pasted error message, likeliest first; then by id. An error fragment outweighs words,
 * and the longest fragment wins: the longer it is, the fewer other faults can have written it. */
export function findPlaybook(playbooks: readonly Playbook[], complaint: string): Candidate[] {
  const text = plain(complaint);
  const words = new Set(wordsOf(complaint));
  return playbooks
    .flatMap((playbook) => byError(playbook, text) ?? byWords(playbook, words) ?? [])
    .sort((a, b) => b.score - a.score || (a.playbook.id < b.playbook.id ? -1 : 1));
}

function byError(playbook: Playbook, text: string): Candidate | undefined {
  const hits = (playbook.errors ?? []).filter((fragment) => text.includes(plain(fragment)));
  const longest = hits.reduce((best, fragment) => (fragment.length > best.length ? fragment : best), "");
  return longest === "" ? undefined : { playbook, score: 1 + longest.length, matched: longest };
}

function byWords(playbook: Playbook, words: ReadonlySet<string>): Candidate | undefined {
  const common = [...new Set(wordsOf(`${playbook.symptom} ${playbook.id}`))].filter((word) => words.has(word));
  // One word of a long complaint says nothing: "workspace" is in most of them.
  return common.length === 0 || (common.length === 1 && words.size > 2)
    ? undefined
    : { playbook, score: common.length / words.size, matched: common.join(" ") };
}

/** Error messages are pasted with the line breaks of whatever showed them. */
function plain(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ").trim();
}

/** Words too common to tell one complaint from another. */
const idle = new Set([
  "the",
  "and",
  "for",
  "from",
  "with",
  "not",
  "does",
  "can",
  "cannot",
  "but",
  "its",
  "that",
  "this",
  "when",
  "are",
  "was",
  "has",
  "have",
  "azure",
  "machine",
  "learning",
]);

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[a-z0-9]{3,}/g) ?? []).filter((word) => !idle.has(word));
}
