import type { ZodType } from "zod";
import type { GapObservation, Observation } from "./observation.ts";
import type { Context } from "./ports.ts";

/** A look-up, or a derivation from other facts. Memoised: it runs at most once in a diagnosis. */
export interface Fact<T> {
  /** The key in a bundle: `arm/registry`. */
  readonly key: string;
  readonly needs: Needs;
  /** ARM actions it uses: the message of a denied look-up and the least role come from here. */
  readonly reads: readonly string[];
  /** An allow-list: a field not named never reaches a probe, a report or a bundle. */
  readonly schema: ZodType<T>;
  collect(facts: Readonly<Record<string, unknown>>, context: Context): Promise<Observation<T>> | Observation<T>;
}

/** How a fact or probe wants another fact: see `required`, `maybe` and `raw`. */
export type Need<T> =
  Fact<T> | { readonly mode: "maybe"; readonly fact: Fact<T> } | { readonly mode: "raw"; readonly fact: Fact<T> };

export type Needs = Readonly<
  Record<string, Fact<never> | { readonly mode: "maybe" | "raw"; readonly fact: Fact<never> }>
>;

/** What a consumer with these needs is handed. */
export type Given<N> = {
  readonly [K in keyof N]: N[K] extends { readonly mode: "maybe"; readonly fact: Fact<infer T> }
    ? T | undefined
    : N[K] extends { readonly mode: "raw"; readonly fact: Fact<infer T> }
      ? Observation<T>
      : N[K] extends Fact<infer T>
        ? T
        : never;
};

/** The fact when there is such a thing, undefined when it is absent. A gap still makes the consumer unknown. */
export function maybe<T>(fact: Fact<T>): { readonly mode: "maybe"; readonly fact: Fact<T> } {
  return { mode: "maybe", fact };
}

/** The observation as it is, gaps included: for consumers that can still say something without the fact. */
export function raw<T>(fact: Fact<T>): { readonly mode: "raw"; readonly fact: Fact<T> } {
  return { mode: "raw", fact };
}

/**
 * Defines a fact. A plain need that is absent makes this fact absent, one that is a gap makes it that gap; `collect`
 * then does not run.
 */
export function defineFact<T, const N extends object>(fact: {
  key: string;
  needs: N;
  reads: readonly string[];
  schema: ZodType<T>;
  collect(facts: Given<N>, context: Context): Promise<Observation<T>> | Observation<T>;
}): Fact<T> {
  return fact as unknown as Fact<T>;
}

/** A resource of a list that could not be read by itself, beside those that could. */
export type Each<T> = { readonly id: string; readonly is: Observation<T> };

export type { GapObservation };
