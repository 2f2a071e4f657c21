/** Whether every variant runs (in CI) or a spread of them (in `npm test`). */
export const runsAll = process.env.AML_DOCTOR_VARIANTS === "all";

/** All cases, or every n-th of them, starting elsewhere for each table so that together they spread. */
export function spread<T>(cases: readonly T[], every: number, from = 0): T[] {
  return runsAll ? [...cases] : cases.filter((_, index) => index % every === from % every);
}

/** Runs cases a few at a time: they mostly wait for sockets. */
export async function inTurn<T>(cases: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const queue = [...cases];
  const worker = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await run(one);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}
