import { describe, expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { Source } from "../../lib/place.ts";
import { ConfinedFiles } from "../../repository/files.ts";
import { atlantisFormat } from "./index.ts";

function read(text: string) {
  const source = new Source("repos.yaml", text);
  const { subjects } = atlantisFormat.read({
    file: { ok: true, path: "repos.yaml", text, source, mode: 0o644 },
    path: "repos.yaml",
    files: new ConfinedFiles(import.meta.dirname),
    paths: [],
    system: "it",
    lens: "written",
    platform: "files",
    owner: undefined,
    locate: () => undefined,
    find: () => undefined,
  });
  const [subject] = subjects;
  const configuration = subject?.kind === "repository-file" ? subject.configuration : undefined;
  if (configuration?.software !== "atlantis") throw new Error("It is Atlantis's configuration.");
  return configuration.repositories;
}

describe("Atlantis's repositories", () => {
  // covers: A7
  test("take from earlier entries that fit them what they do not state.", () => {
    const repositories = read(
      "repos:\n- id: /.*/\n  apply_requirements: [approved]\n  allow_custom_workflows: true\n- id: github.com/a/b\n  allowed_overrides: [workflow]\n- id: github.com/a/b\n  allow_custom_workflows: false\n",
    );
    expect(
      repositories.items.map(({ id, every, customWorkflows, applyRequirements, overrides }) => [
        id,
        every,
        knownValue(customWorkflows),
        knownValue(applyRequirements)?.join(" "),
        overrides.items.join(" "),
      ]),
    ).toEqual([
      ["/.*/", true, true, "approved", ""],
      ["github.com/a/b", false, true, "approved", "workflow"],
      ["github.com/a/b", false, false, "approved", "workflow"],
    ]);
  });

  test("that cannot be read are not taken for none.", () => {
    expect(read("repos: yes\n").complete).toBe(false);
    expect(read("repos:\n- id: a\n  apply_requirements: [approved\n").complete).toBe(false);
    expect(read("repos:\n- id: a\n  allow_custom_workflows: perhaps\n").items[0]?.customWorkflows.kind).toBe("unknown");
  });

  test("are told from other lists of repositories.", () => {
    expect(atlantisFormat.recognises("repos.yaml", "repos:\n- id: /.*/\n  apply_requirements: []\n")).toBe(true);
    expect(
      atlantisFormat.recognises("repos.yaml", "repos:\n- repo: https://github.com/pre-commit/x\n  hooks: []\n"),
    ).toBe(false);
  });
});
