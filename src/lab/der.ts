/** The few pieces of DER (ITU-T X.690) that a certificate is made of. Each gives the encoded element. */

/** One element: tag, length, content. */
export function element(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), length(body.length), body]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  const bytes: number[] = [];
  for (let left = size; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Buffer.from([0x80 + bytes.length, ...bytes]);
}

export const sequence = (...content: readonly Buffer[]): Buffer => element(0x30, ...content);
export const set = (...content: readonly Buffer[]): Buffer => element(0x31, ...content);
export const octets = (content: Buffer): Buffer => element(0x04, content);
export const text = (value: string): Buffer => element(0x0c, Buffer.from(value));
export const nothing = (): Buffer => element(0x05);
export const yes = (): Buffer => element(0x01, Buffer.from([0xff]));
/** A context-specific tag around other elements. */
export const tagged = (number: number, ...content: readonly Buffer[]): Buffer => element(0xa0 + number, ...content);
/** A context-specific tag in place of the element's own. */
export const implicit = (number: number, content: Buffer): Buffer => element(0x80 + number, content);
/** A non-negative integer, most significant byte first. */
export const integer = (bytes: Buffer): Buffer =>
  element(0x02, ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.from([0]), bytes]));
/** `unused` counts the bits at the end that mean nothing. */
export const bits = (content: Buffer, unused = 0): Buffer => element(0x03, Buffer.from([unused]), content);

/** An object identifier, in dots. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const parts = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) parts.unshift(128 + (left % 128));
    bytes.push(...parts);
  }
  return element(0x06, Buffer.from(bytes));
}

/** A time to the second: two-digit years until 2049 and four digits from 2050 and before 1950, as RFC 5280 wants it. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]|\.\d+Z/g, "")}Z`;
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050 ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}
