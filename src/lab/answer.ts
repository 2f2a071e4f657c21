/** One HTTP answer of the lab. A body that is not text is sent as JSON; undefined sends none. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One HTTP request to the lab. */
export interface Request {
  /** Upper case. */
  readonly method: string;
  /** Decoded path segments, without empty ones. */
  readonly segments: readonly string[];
  /** The path as it was sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it was sent, with its question mark; empty when there is none. */
  readonly search: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A query parameter, its name without case: clients write `$skiptoken` and `$skipToken`. */
export function parameter(query: URLSearchParams, name: string): string | undefined {
  for (const [key, value] of query) if (key.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}
