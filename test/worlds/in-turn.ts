/** How many of the variants run: a few in `npm test`, more in CI, all when asked for. */
export const wanted = howMany(process.env["AML_DOCTOR_VARIANTS"]);

function howMany(said: string | undefined): "few" | "more" | "all" {
  return said === "all" || said === "more" ? said : "few";
}

/** Every n-th of the cases, starting elsewhere for each table so that together they spread; a quarter of that distance
 * when more are wanted, and every one when all are. */
export function spread<T>(cases: readonly T[], every: number, from = 0): T[] {
  const step = wanted === "all" ? 1 : wanted === "more" ? Math.ceil(every / 4) : every;
  return cases.filter((_, index) => index % step === from % step);
}

/** Runs cases a few at a time: they mostly wait for sockets. */
export async function inTurn<T>(cases: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const queue = [...cases];
  const worker = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await run(one);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}
