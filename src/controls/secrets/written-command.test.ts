import { expect, test } from "vitest";
import { systemsOf } from "../../platforms/testing/systems-of.ts";
import { commandFree } from "./secrets.command-free.ts";
import { literalAbsent } from "./secrets.literal-absent.ts";

/** Severity or verdict of the first container, by both controls. */
function told(service: string, more: Readonly<Record<string, string>> = {}) {
  const systems = systemsOf({ "compose.yaml": `services:\n  a:\n    image: example/app:1\n${service}`, ...more });
  return systems.flatMap((system) =>
    system.all("container").map((container) =>
      [commandFree, literalAbsent].map((control) => {
        const found = [control.check(container, system)].flat().find(({ verdict }) => verdict !== "pass");
        return found === undefined ? "pass" : (found.severity ?? (found.verdict === "fail" ? control.severity : "?"));
      }),
    ),
  )[0];
}

// covers: S1 S2 | compose
test("A secret that is written out is as bad in a command as in a variable; one from elsewhere is seen by fewer.", () => {
  expect(told("    command: run --token vK8mq2Zr9Lx1Tn4\n")).toEqual(["high", "pass"]);
  expect(told("    command: [run, '--password=vK8mq2Zr9Lx1Tn4']\n")).toEqual(["high", "pass"]);
  expect(told("    environment: {APP_TOKEN: vK8mq2Zr9Lx1Tn4}\n")).toEqual(["pass", "high"]);
  expect(told("    command: run --token ${TOKEN}\n", { ".env": "TOKEN=vK8mq2Zr9Lx1Tn4\n" })).toEqual([
    "medium",
    "pass",
  ]);
  expect(told("    command: redis-server --requirepass redis\n")).toEqual(["medium", "pass"]);
});
