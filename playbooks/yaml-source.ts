import { isMap, isScalar, LineCounter, parseDocument, type Node } from "yaml";

/** A place in a file; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A playbook that cannot be used; the message begins with `file:line:column`. */
export class PlaybookError extends Error {
  override readonly name = "PlaybookError";
  readonly position: Position;

  constructor(position: Position, why: string, options?: ErrorOptions) {
    super(`${position.file}:${position.line}:${position.column}: ${why}`, options);
    this.position = position;
  }
}

type Path = readonly PropertyKey[];

/** Where the value at a path stands; the nearest thing around it when it is missing. */
export type Place = (path: Path) => Position;

/** YAML and where everything stands in it. Throws `PlaybookError` for what is no YAML. */
export function parseYaml(
  file: string,
  text: string,
): { value: unknown; place: Place; keyPlace(path: Path, key: string): Position } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [error] = document.errors;
  if (error !== undefined) throw new PlaybookError(at(error.pos[0]), error.message);
  const nodeAt = (path: Path): unknown => (path.length === 0 ? document.contents : document.getIn(path, true));
  const place: Place = (path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const start = startOf(nodeAt(path.slice(0, length)));
      if (start !== undefined) return at(start);
    }
    return at(0);
  };
  return {
    value: toValue(() => document.toJS(), at(0)),
    place,
    keyPlace: (path, key) => {
      const map = nodeAt(path);
      const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
      const start = startOf(pair?.key);
      return start === undefined ? place(path) : at(start);
    },
  };
}

/** Aliases that multiply without end are refused by the parser here, not earlier. */
function toValue(read: () => unknown, position: Position): unknown {
  try {
    return read();
  } catch (cause) {
    throw new PlaybookError(position, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function startOf(node: unknown): number | undefined {
  return typeof node === "object" && node !== null && "range" in node ? (node as Node).range?.[0] : undefined;
}
