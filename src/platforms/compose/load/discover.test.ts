import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfinedFiles } from "../../../repository/files.ts";
import { discoverComposeProjects } from "./discover.ts";

const work = mkdtempSync(join(tmpdir(), "ringwall-discover-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));
let made = 0;

const service = "services:\n  a: {image: x}\n";

function found(files: Readonly<Record<string, string>>): string[] {
  const root = join(work, String(made++));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const projects = discoverComposeProjects(new ConfinedFiles(root), Object.keys(files));
  return projects.map((project) => `${project.folder}: ${project.files.join(" + ")}`);
}

describe("the projects of a repository", () => {
  test("are the main files with their overrides, one for each folder", () => {
    expect(
      found({
        "compose.yaml": service,
        "compose.override.yaml": service,
        "b/docker-compose.yml": service,
        "b/docker-compose.override.yml": service,
      }),
    ).toEqual(["b: b/docker-compose.yml + b/docker-compose.override.yml", ".: compose.yaml + compose.override.yaml"]);
  });

  test("are no main file alone that leaves it to one beside it to name an image", () => {
    const base = "services:\n  app: {restart: always}\n  db: {image: y}\n";
    const files = {
      "docker-compose.yml": base,
      "docker-compose.prod.yml": "services:\n  app: {image: x}\n  db: {user: a}\n",
    };
    const both = "docker-compose.yml + docker-compose.prod.yml";
    expect(found(files)).toEqual([`.: ${both}`]);
    expect(found({ ...files, "docker-compose.dev.yml": "services:\n  app: {build: .}\n" })).toEqual([
      `.: ${both}`,
      ".: docker-compose.yml + docker-compose.dev.yml",
    ]);
    expect(found({ ...files, "docker-compose.prod.yml": "services:\n  other: {image: x}\n" })).toEqual([
      ".: docker-compose.prod.yml",
      ".: docker-compose.yml",
    ]);
  });

  test("are no file alone that leans on services or networks of the main one beside it", () => {
    const base = "services:\n  app: {image: x}\nnetworks: {inner: }\n";
    const more = (text: string) => `services:\n  more: {image: y, ${text}}\n`;
    const both = ".: compose.yaml + recorder.yml";
    for (const text of ["depends_on: [app]", "depends_on: {app: {condition: service_started}}", "networks: [inner]"])
      expect(found({ "compose.yaml": base, "recorder.yml": more(text) })).toEqual([".: compose.yaml", both]);
    for (const text of ["networks: [other]", "depends_on: [more]", "networks: [default]", "user: a"])
      expect(found({ "compose.yaml": base, "recorder.yml": more(text) })).toEqual([
        ".: compose.yaml",
        ".: recorder.yml",
      ]);
    const whole = `${more("networks: [inner]")}networks: {inner: {external: true}}\n`;
    expect(found({ "compose.yaml": base, "recorder.yml": whole })).toEqual([".: compose.yaml", ".: recorder.yml"]);
  });

  test("are no workflows, whatever those are called", () => {
    const workflow = "on: push\njobs: {a: {services: {db: {image: x}}}}\n";
    const files = { ".github/workflows/docker-compose.yml": workflow, "a/.forgejo/workflows/compose.yaml": service };
    expect(found({ ...files, "workflows/compose.yaml": service })).toEqual(["workflows: workflows/compose.yaml"]);
  });

  test("take the first of several main names, and the others by themselves", () => {
    expect(found({ "docker-compose.yml": service, "compose.yml": service })).toEqual([
      ".: compose.yml",
      ".: docker-compose.yml",
    ]);
  });

  test("are also files of other names that look like Compose, and no others", () => {
    expect(
      found({
        "stack.yml": service,
        "deployment.yaml": "kind: Deployment\n",
        "values.yaml": "services: [a]\n",
        "ci.yml": "services:\n  db: postgres\n",
        "notes.txt": service,
      }),
    ).toEqual([".: stack.yml"]);
  });

  test("lay a file that only changes services over the main file it is named after", () => {
    expect(
      found({
        "docker-compose.yml": service,
        "docker-compose.prod.yml": "services:\n  a: {restart: always}\n",
        "docker-compose.dev.yml": "services:\n  a: {image: y}\n",
      }),
    ).toEqual([
      ".: docker-compose.dev.yml",
      ".: docker-compose.yml",
      ".: docker-compose.yml + docker-compose.prod.yml",
    ]);
  });

  test("leave out what another project includes or extends", () => {
    expect(
      found({
        "compose.yaml": "include: [db/compose.yaml]\nservices:\n  a: {extends: {file: common.yml, service: b}}\n",
        "common.yml": "services:\n  b: {image: x}\n",
        "db/compose.yaml": service,
        "other/compose.yaml": service,
      }),
    ).toEqual([".: compose.yaml", "other: other/compose.yaml"]);
  });

  test("keep one of files that include one another", () => {
    expect(found({ "a.yml": `include: [b.yml]\n${service}`, "b.yml": `include: [a.yml]\n${service}` })).toEqual([
      ".: a.yml",
    ]);
  });

  test("follow COMPOSE_FILE of the folder's .env", () => {
    expect(
      found({
        ".env": "COMPOSE_FILE=base.yml:compose.yaml\n",
        "base.yml": service,
        "compose.yaml": service,
        "extra.yml": service,
      }),
    ).toEqual([".: base.yml + compose.yaml", ".: extra.yml"]);
  });

  test("list a main file that cannot be parsed, so that loading says why", () => {
    expect(found({ "compose.yaml": "services: [\n" })).toEqual([".: compose.yaml"]);
  });
});
