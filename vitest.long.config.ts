import { defineConfig } from "vitest/config";

/** The files that only CI waits for. Of the estates with one thing changed, those of the networks stay in `npm test`. */
export const long = [
  "test/package/**/*.test.ts",
  "test/cli/check.test.ts",
  "test/cli/wait-run.test.ts",
  "test/lab/live-validator.test.ts",
  "test/reporters/html/page.test.ts",
  "test/worlds/attached-compute.test.ts",
  "test/worlds/caller.test.ts",
  "test/worlds/client.test.ts",
  "test/worlds/combination.test.ts",
  "test/worlds/compute.test.ts",
  "test/worlds/compute-path.test.ts",
  "test/worlds/denied.test.ts",
  "test/worlds/dependency.test.ts",
  "test/worlds/deployment-setting.test.ts",
  "test/worlds/dns.test.ts",
  "test/worlds/endpoint.test.ts",
  "test/worlds/estate.test.ts",
  "test/worlds/failed-deployment.test.ts",
  "test/worlds/in-cluster.test.ts",
  "test/worlds/judgement.test.ts",
  "test/worlds/kubernetes.test.ts",
  "test/worlds/look-alike.test.ts",
  "test/worlds/managed-network.test.ts",
  "test/worlds/masked.test.ts",
  "test/worlds/network-rule.test.ts",
  "test/worlds/odd-estate.test.ts",
  "test/worlds/own-path.test.ts",
  "test/worlds/playbooks.test.ts",
  "test/worlds/private-endpoint.test.ts",
  "test/worlds/reader-rights.test.ts",
  "test/worlds/router.test.ts",
  "test/worlds/sign-in.test.ts",
  "test/worlds/sovereign.test.ts",
  "test/worlds/workspace.test.ts",
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
