/** Words by their stem; the value is how the text writes them. */
export type Words = ReadonlyMap<string, string>;

/**
 * What a text says, without how it was shown: lower-case words and numbers with one space between them. Line breaks, quotes,
 * boxes, colours of a terminal, and the escapes of JSON and HTML are gone, and so is all other punctuation, so that
 * `acr1.azurecr.io` holds the words `azurecr io`. The version of HTTP is gone too: `HTTP/2 403` is `http 403`.
 */
export function plain(text: string): string {
  return text
    .replace(colours, " ")
    .replace(jsonEscapes, (_, code?: string) => (code === undefined ? " " : String.fromCharCode(parseInt(code, 16))))
    .replace(/\bhttp\/\d(?:\.\d)?\b/gi, "http")
    .replace(/&(?:[a-z]+|#\d+|#x[0-9a-f]+);/gi, " ")
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** What sets colours on a terminal: the escape itself, a log's way of writing it, or what is left of it when it was copied;
 * of that, `[Missing…` is none. */
const colours =
  /(?:(?:(?!\s)\p{Cc}|\\+(?:u001b|x1b|e|033)|\^\[)\[(?:\d{1,3}(?:;\d{1,3})*)?[mK]|\[\d{1,3}(?:;\d{1,3})*[mK]|\[[mK](?![\p{L}\p{N}]))/giu;

/** `\n`, `\"` and their like, `\u0027`; a string within a string has more than one backslash. */
const jsonEscapes = /\\+(?:u([0-9a-f]{4})|[nrt"'/])/gi;

/** The words of a text that can tell one complaint from another. */
export function wordsOf(text: string): Words {
  const words = plain(text)
    .split(" ")
    .filter((word) => word.length >= 3 && !idle.has(word));
  return new Map(words.map((word) => [stem(word), word]));
}

/** The words of the first that the second has too. */
export function sharedWords(words: Words, others: Words): Words {
  return new Map([...words].filter(([word]) => others.has(word)));
}

/** "resolves", "resolved" and "resolving" are one word. */
function stem(word: string): string {
  const short = word.replace(/(?:ing|ed|es|(?<!s)s|e)$/, "");
  return short.length < 3 ? word : short;
}

/** Words too common to tell one complaint from another; and "fails", which every complaint says. */
const idle = new Set(
  (
    "the and for from with not does can cannot but its that this when are was has have azure machine learning " +
    "our all any out into only after although they them their there which while been being will would " +
    "fail fails failed failing failure error errors work works working broken problem something nothing"
  ).split(" "),
);
