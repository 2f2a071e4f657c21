import { defineConfig } from "vitest/config";

/** The files that only CI waits for. */
export const long = [
  "test/package/**/*.test.ts",
  "test/cli/check.test.ts",
  "test/cli/wait-run.test.ts",
  "test/lab/live-validator.test.ts",
  "test/reporters/html/page.test.ts",
  "test/worlds/{caller,combination,denied,dependency,endpoint,failed-deployment,judgement,kubernetes,look-alike,playbooks,router,sovereign}.test.ts",
];

/** Tests that take minutes: `npm run test:long`, which CI runs after `npm test`. */
export default defineConfig({
  test: {
    // The look-ups that fail in turn run here too, more of them.
    include: [...long, "test/worlds/robustness.test.ts"],
    // More of the variants than `npm test` takes; AML_DOCTOR_VARIANTS=all takes every one.
    env: { AML_DOCTOR_VARIANTS: process.env["AML_DOCTOR_VARIANTS"] ?? "more" },
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    allowOnly: false,
  },
});
