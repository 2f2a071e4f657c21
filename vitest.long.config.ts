import { defineConfig } from "vitest/config";

/** Tests that take minutes: `npm run test:long`, which CI runs after `npm test`. */
export default defineConfig({
  test: {
    include: ["test/package/**/*.test.ts", "test/worlds/judgement.test.ts", "test/worlds/robustness.test.ts"],
    // More of the variants than `npm test` takes; AML_DOCTOR_VARIANTS=all takes every one.
    env: { AML_DOCTOR_VARIANTS: process.env["AML_DOCTOR_VARIANTS"] ?? "more" },
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    allowOnly: false,
  },
});
