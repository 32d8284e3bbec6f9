import { describe, expect, test } from "vitest";
import type { ActRunnerConfiguration } from "../../facts/configuration/act-runner.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { Source } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import type { ConfigInput } from "../config-format.ts";
import { actRunnerFormat } from "./index.ts";

function read(text: string, path = "act_runner/config.yaml") {
  const file: TextFile = { ok: true, path, text, source: new Source(path, text), mode: 0o644 };
  const input = { file, path, system: path, lens: "written", platform: "files", owner: undefined };
  const { subjects, problems } = actRunnerFormat.read(input as unknown as ConfigInput);
  return { problems, runner: (subjects[0] as RepositoryFile).configuration as ActRunnerConfiguration };
}

const is = (path: string, text: string) => actRunnerFormat.mayBe(path) && actRunnerFormat.recognises(path, text);

// covers: P6 | files
describe("The configuration of a runner", () => {
  test("is told from other files by its keys.", () => {
    expect(is("config.yaml", 'container: {privileged: true, valid_volumes: ["**"]}\n')).toBe(true);
    expect(is("runner/config.yml", "runner:\n  capacity: 1\ncontainer:\n  privileged: true\n")).toBe(true);
    expect(is("forgejo-runner.yaml", "container:\n  valid_volumes: []\n")).toBe(true);
    expect(is("config.yaml", "container:\n  privileged: true\n")).toBe(false);
    expect(is("config.yaml", "apiVersion: v1\ncontainer:\n  valid_volumes: []\n")).toBe(false);
    expect(is("compose.yaml", "services: {}\ncontainer:\n  valid_volumes: []\n")).toBe(false);
  });

  test("has the runner's own defaults for what it leaves out.", () => {
    const { runner } = read("container:\n  valid_volumes:\n");
    expect(runner.privileged).toMatchObject({ kind: "defaulted", value: false });
    expect(runner.volumes).toMatchObject({ complete: true, items: [] });
    expect(runner.engine.kind).toBe("unstated");
  });

  test("that is broken is a problem, and nothing of it is a default.", () => {
    const { runner, problems } = read("container:\n  privileged: [true\n");
    expect(problems.length).toBeGreaterThan(0);
    expect(runner.privileged.kind).toBe("unknown");
    for (const text of [
      "",
      "container:",
      "container: 1",
      "container: [a]",
      "- a",
      "container: {valid_volumes: {a: 1}}",
    ])
      expect(() => read(text)).not.toThrow();
  });
});
