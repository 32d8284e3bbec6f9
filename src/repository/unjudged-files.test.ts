import { expect, test } from "vitest";
import { UnjudgedFiles } from "./unjudged-files.ts";

function told(...paths: readonly string[]): readonly string[] {
  const files = new UnjudgedFiles();
  files.see({ paths });
  return files.sentences;
}

test("Files of kinds that nothing judges are counted in one sentence, the most first.", () => {
  expect(
    told(
      "roles/web/tasks/main.yml",
      "ansible/roles/web/handlers/main.yaml",
      "jobs/web.nomad.hcl",
      "units/backup.service",
      "units/backup.timer",
      "units/other.socket",
      "units/constructor.container",
    ),
  ).toEqual([
    "Only secrets are looked for in 3 units of systemd, 2 files of Ansible tasks, 1 Nomad job and 1 quadlet of Podman.",
  ]);
});

test("What is judged, and what nobody knows by its name, is not counted.", () => {
  expect(
    told(
      "compose.yaml",
      "tasks/main.yml",
      "service",
      "timer",
      ".github/workflows/ci.yml",
      "main.tf",
      "__proto__",
      "a.constructor",
    ),
  ).toEqual([]);
  expect(told()).toEqual([]);
});
