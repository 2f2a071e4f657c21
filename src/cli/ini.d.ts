declare module "ini" {
  /** Reads INI text into sections of text values; never throws. */
  export function parse(text: string): Record<string, unknown>;
}
