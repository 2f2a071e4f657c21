/** When something began and ended, in milliseconds of `performance.now`. */
export type Interval = readonly [number, number];

/** The same port, noting when each of its calls was under way. */
export function watched<T extends object>(port: T, intervals: Interval[]): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        const from = performance.now();
        const answer: unknown = Reflect.apply(member, target, given);
        const note = () => void intervals.push([from, performance.now()]);
        if (answer instanceof Promise) return answer.finally(note);
        note();
        return answer;
      };
    },
  });
}

/** How long at least one of these was under way. */
export function lengthOf(intervals: readonly Interval[]): number {
  let length = 0;
  let until = -Infinity;
  for (const [from, to] of intervals.toSorted(([a], [b]) => a - b)) {
    length += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return length;
}
