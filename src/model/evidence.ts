/** One thing that was seen, as another engineer would accept it. */
export interface Evidence {
  readonly kind: "arm" | "dns" | "tcp" | "tls" | "http" | "log" | "machine" | "kubernetes" | "proxy";
  /** Where it was seen: an ARM id with a property path, `dig @10.0.0.4 name A`, `tcp 10.1.0.5:443`. */
  readonly source: string;
  readonly observed: string;
  /** What it should have been, where that can be said. */
  readonly expected?: string;
}

/** Evidence from a property of an ARM resource. */
export function armEvidence(id: string, path: string, observed: unknown, expected?: string): Evidence {
  const text = observed === undefined ? "absent" : typeof observed === "string" ? observed : JSON.stringify(observed);
  return { kind: "arm", source: `${id} ${path}`, observed: text, ...(expected === undefined ? {} : { expected }) };
}
