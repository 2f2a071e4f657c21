/** What stands before the causes that are still possible. */
export function candidatesLead(count: number): string {
  return count === 1 ? "It may itself come from this, which is not decided:" : "Which of these it is, is not decided:";
}
