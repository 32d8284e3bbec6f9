import { defineConfig } from "vitest/config";

/**
 * Tests on a real engine (test/lab/README.md says how to have one), and those that start an outside program some hundred
 * times, or stop a rotation at every one of its steps. One after another: they share the engine, the host's ports and its subnets. Where no engine answers they are
 * skipped with the reason, except when `CI=true` or `RINGWALL_LAB=required`: then they fail.
 */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/lab/**/*.test.ts", "test/conformance/**/*.lab.test.ts", "src/**/*.lab.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    pool: "forks",
    sequence: { concurrent: false },
    reporters: ["default"],
  },
});
