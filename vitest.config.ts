import { configDefaults, defineConfig } from "vitest/config";

/** Unit and conformance tests: no engine, no network. Engine tests have a configuration of their own in test/lab. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tools/**/*.test.ts", "test/conformance/**/*.test.ts"],
    // Those that start an outside program some hundred times, or stop a rotation at every step: the lab runs them.
    exclude: [...configDefaults.exclude, "**/*.lab.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: "threads",
    // Files share a worker and its loaded modules: a third of the time of a worker for each. No module keeps state.
    isolate: false,
    // By default one core is left free; much of the time goes to programs that tests start and wait for.
    maxWorkers: "100%",
    reporters: ["default"],
  },
});
