import { defineConfig } from "vitest/config";

/** Tests with programs that few machines have: `npm run test:az` and `npm run test:netlab`. Not part of `npm test`. */
export default defineConfig({
  test: {
    include: ["test/az/*.test.ts", "test/netlab/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    allowOnly: false,
    // The tables are the result.
    silent: false,
    reporters: ["verbose"],
  },
});
