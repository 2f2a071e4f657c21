/** A check that something else is to run regularly. */
export interface Schedule {
  /** What it is called; a plain name. */
  readonly name: string;
  readonly workspace: string;
  /** Minutes; divides an hour or a day. */
  readonly everyMinutes: number;
  /** Where the program is, or the image that holds it. */
  readonly program: string;
  /** Of `check`: options with their values. */
  readonly checkArguments: readonly string[];
  /** Seconds that one check may take in all, its jitter included. */
  readonly longestSeconds: number;
  /** Folders that the check writes reports into. */
  readonly folders: readonly string[];
  /** Where the state is kept, when it is named. */
  readonly state?: string;
  /** Set when the check signs in by Kubernetes' workload identity. */
  readonly workloadIdentity?: { readonly clientId?: string };
}

/** A name that every scheduler takes: lower-case letters, digits and dashes, no longer than a CronJob's. */
export function plainName(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 52)
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "aml-doctor" : plain;
}
