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

// covers: N7, W4 | compose
test("An engine in a container that the whole world may give orders to is one finding.", () => {
  const text =
    "services:\n  dind: {image: 'docker:27-dind', privileged: true, command: [dockerd, '-H', 'tcp://0.0.0.0:2375', '--tls=false'], ports: ['2375:2375']}\n";
  const parts = new Set([
    "workload.privileged-off",
    "network.engine-api-unpublished",
    "workload.nested-engine-absent",
    "workload.engine-connection-protected",
    "workload.user-unprivileged",
  ]);
  expect(loud([composeSystem(text)])).toEqual([
    { control: "workload.exposure-contained", severity: "critical", parts },
  ]);
});

// covers: N7 | compose
test("A published socket proxy is one finding, and its port goes before anything else.", () => {
  const text =
    "services:\n  p: {image: 'tecnativa/docker-socket-proxy:0.3.0', ports: ['2375:2375'], volumes: ['/var/run/docker.sock:/var/run/docker.sock']}\n";
  const found = loud([composeSystem(text)]).filter(({ parts }) => parts.has("network.engine-api-unpublished"));
  expect(found.map(({ control }) => control)).toEqual(["workload.exposure-contained"]);
  expect(loud([composeSystem(text)]).map(({ control }) => control)).not.toContain("network.engine-api-unpublished");
});

// covers: A10, N12 | kubernetes
test("A path that a sign-in does not stand before is what the chain tells of, not the one that it stands before.", () => {
  const folder = fileURLToPath(new URL("identity/fixtures/identity.exposed-account-contained/", import.meta.url));
  const { systems } = readPaths(["fail.path-past-the-sign-in"], { cwd: folder });
  const chain = evaluate(systems, allControls, options).findings.find(
    ({ control }) => control === "identity.exposed-account-contained",
  );
  expect(chain?.severity).toBe("critical");
  expect(chain?.message).toContain("portainer.example.org/api, where no sign-in is seen, is routed to it");
  expect(chain?.path.at(-1)?.by).toContain("portainer.example.org/api");
});

// covers: N6, A3 | compose
test("A store that asks nobody and is published is one finding, and so is an admin interface whose login is off.", () => {
  const text =
    "services:\n  redis: {image: 'redis:7', ports: ['6379:6379']}\n  code: {image: 'codercom/code-server:4.96.4', command: [--auth, none], ports: ['8443:8080']}\n";
  expect(loud([composeSystem(text)])).toEqual([
    { control: "identity.authentication-on", severity: "critical", parts: new Set(["network.datastore-unpublished"]) },
    {
      control: "identity.admin-interface-unpublished",
      severity: "critical",
      parts: new Set(["identity.authentication-on"]),
    },
  ]);
});

test("That a program whose login is off has a port is told with that, and not beside it.", () => {
  const text =
    "services:\n  jupyter: {image: 'quay.io/jupyter/scipy-notebook:2025-01-20', command: \"start-notebook.py --ServerApp.token=''\", ports: ['8888:8888']}\n";
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  const told = findings.filter(({ severity }) => severity === "critical" || severity === "medium");
  expect(told.map(({ control }) => control)).not.toContain("network.only-proxy-publishes");
  expect(findings.find(({ control }) => control === "identity.authentication-on")?.includes).toMatchObject([
    { control: "network.only-proxy-publishes" },
  ]);
});
