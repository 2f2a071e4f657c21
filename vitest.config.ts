import { defineConfig } from "vitest/config";
import { long } from "./vitest.long.config.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The first two want the Azure CLI and DNS servers (vitest.real.config.ts), the others want time
    // (vitest.long.config.ts).
    exclude: ["test/az/**", "test/netlab/**", ...long],
    // Processes, since a leaked socket or handle of one file must not be another file's trouble; two, since many files
    // start servers and measure timeouts, and a crowded machine would make those lie.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // A forgotten `.only` would quietly pass the rest.
    allowOnly: false,
  },
});
