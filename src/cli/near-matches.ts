/** The known ids that somebody may have meant, the nearest first: ids that hold what was written or some word of it, and
 * ids that differ by a slip of the hand. */
export function nearMatches(written: string, known: readonly string[], limit = 5): string[] {
  const wanted = written.toLowerCase();
  const words = wanted.split(/[^a-z0-9]+/).filter((word) => word.length > 1);
  const scored = known.map((id) => {
    const parts = id.split("-");
    const shared = words.filter((word) => parts.some((part) => part.startsWith(word) || word.startsWith(part))).length;
    const slips = distance(wanted, id);
    const near = slips <= Math.max(2, id.length / 4) ? 2 - slips / id.length : 0;
    return {
      id,
      score:
        near +
        (words.length === 0 ? 0 : shared / Math.max(words.length, 2)) +
        (wanted.length > 2 && id.includes(wanted) ? 1 : 0),
    };
  });
  return scored
    .filter(({ score }) => score >= 0.5)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
    .map(({ id }) => id);
}

/** Levenshtein's: characters to add, take away or replace. */
function distance(a: string, b: string): number {
  // Nobody means an id by a text this much longer; the table would grow with it.
  if (a.length > 100) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [place, character] of Array.from(a).entries()) {
    const next = [place + 1];
    for (let index = 1; index <= b.length; index += 1) {
      const replaced = (row[index - 1] ?? 0) + (character === b[index - 1] ? 0 : 1);
      next.push(Math.min((row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
