/** What leads from outside to the host is one finding, whatever platform's words it is made of. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { composeSystem } from "../../test/support/compose-system.ts";
import type { System } from "../facts/system.ts";
import { readPaths } from "../platforms/read-paths.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;
const fixtures = fileURLToPath(new URL("workload/fixtures/workload.exposure-contained/", import.meta.url));

/** What is told loudly, each with what is told as a part of it. */
function loud(systems: readonly System[]) {
  return evaluate(systems, allControls, options)
    .findings.filter(({ severity, verdict }) => verdict === "fail" && (severity === "high" || severity === "critical"))
    .map(({ control, severity, includes = [] }) => ({
      control,
      severity,
      parts: new Set(includes.map((part) => part.control)),
    }));
}

function ofFixture(name: string) {
  return loud(readPaths([name], { cwd: fixtures }).systems);
}

// covers: N7, W6 | incus
test("A privileged instance with the engine's socket on a network made elsewhere is one finding with its parts.", () => {
  expect(ofFixture("fail.incus-network-made-elsewhere.tf")).toEqual([
    {
      control: "workload.exposure-contained",
      severity: "high",
      parts: new Set([
        "workload.privileged-off",
        "workload.engine-socket-unmounted",
        "workload.host-paths-unmounted",
        "workload.nesting-off",
        "workload.raw-options-safe",
      ]),
    },
  ]);
});

test("Where nothing leads to it from outside, each power is told by itself.", () => {
  expect(new Set(ofFixture("pass.incus-default-bridge.tf").map(({ control }) => control))).toEqual(
    new Set([
      "workload.privileged-off",
      "workload.engine-socket-unmounted",
      "workload.host-paths-unmounted",
      "workload.nesting-off",
      "workload.raw-options-safe",
    ]),
  );
});

// covers: N7, W6 | compose
test("What else takes the wall down is told with the chain in Compose too.", () => {
  const text =
    "services:\n  a: {image: 'ghcr.io/example/a:1.0', privileged: true, ipc: host, userns_mode: host, ports: ['9000:9000'], volumes: ['/:/host:rshared']}\n";
  expect(loud([composeSystem(text)])).toEqual([
    {
      control: "workload.exposure-contained",
      severity: "critical",
      parts: new Set([
        "workload.privileged-off",
        "workload.host-paths-unmounted",
        "workload.user-unprivileged",
        "workload.host-ipc-hidden",
        "workload.host-users-separate",
        "workload.mount-propagation-private",
      ]),
    },
  ]);
});
