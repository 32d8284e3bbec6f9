import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { RingwallError } from "../lib/error.ts";
import { describePlace } from "../lib/place.ts";
import { Profile } from "../lib/profile.ts";
import { readPaths } from "./read-paths.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-read-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function failure(run: () => unknown): RingwallError {
  try {
    run();
  } catch (error) {
    if (error instanceof RingwallError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

const compose = "services:\n  web:\n    image: nginx\n    env_file: [app.env]\n";

describe("A folder", () => {
  test("gives a system for each project, with its environment files, and one for what belongs to none.", () => {
    const cwd = folderWith({
      "a/compose.yaml": compose,
      "a/app.env": "TOKEN=kq83nf92hd\n",
      "b/docker-compose.yml": "services:\n  db:\n    image: postgres\n",
      "keys/.env": "X=1\n",
      "node_modules/x/compose.yaml": compose,
    });
    const { systems, filesSeen, linesRead, problems } = readPaths(["."], { cwd });
    expect(systems.map((system) => [system.name, system.all("repository-file").map((file) => file.path)])).toEqual([
      ["a", ["a/compose.yaml", "a/app.env"]],
      ["b", ["b/docker-compose.yml"]],
      ["repository", ["keys/.env"]],
    ]);
    expect(problems).toEqual([]);
    expect(filesSeen).toBe(4);
    expect(linesRead).toBe(13);
  });

  test("gives the files that secrets are read from, once each, keys among them too.", () => {
    const cwd = folderWith({
      "compose.yaml":
        "services:\n  web:\n    image: nginx\nsecrets:\n  a: { file: ./secrets/a }\n  b: { file: tls/b.key }\n  c: { file: ./not-there }\n  d: { environment: D }\n",
      "secrets/a": "kq83nf92hd",
      "tls/b.key": "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
    });
    const { systems } = readPaths(["."], { cwd });
    const files = systems.flatMap((system) => system.all("repository-file").map((file) => `${file.role} ${file.path}`));
    expect(files.sort()).toEqual(["compose compose.yaml", "secret secrets/a", "secret tls/b.key"]);
  });

  test("with two projects of one name keeps them apart.", () => {
    const cwd = folderWith({ "x/app/compose.yaml": compose, "y/app/compose.yaml": compose });
    expect(readPaths(["."], { cwd }).systems.map((system) => system.name)).toEqual(["app", "app (y/app/compose.yaml)"]);
  });

  test("with one broken file among others says so and goes on.", () => {
    const cwd = folderWith({ "a/compose.yaml": "services:\n  web:\n    image: nginx\n", "b/compose.yaml": "\0" });
    symlinkSync("/etc/passwd", join(cwd, "compose.yml"));
    const { systems, problems } = readPaths(["."], { cwd });
    expect(systems.map((system) => system.name)).toEqual(["a"]);
    expect(problems.map((problem) => problem.message).sort()).toEqual([
      "b/compose.yaml is a binary file (it has a zero byte); expected UTF-8 text.",
      "compose.yml is a link; links are not followed.",
    ]);
  });

  test("of which nothing can be read fails with every reason.", () => {
    const cwd = folderWith({ "a/compose.yaml": "\0", "b/compose.yaml": "\0" });
    const error = failure(() => readPaths(["."], { cwd }));
    expect(error.describe()).toContain("a/compose.yaml is a binary file");
    expect(error.describe()).toContain("b/compose.yaml is a binary file");
  });

  test("without anything to check fails with not-found.", () => {
    expect(failure(() => readPaths(["."], { cwd: folderWith({ "readme.md": "x" }) })).code).toBe("not-found");
    expect(failure(() => readPaths(["nowhere"], { cwd: folderWith({}) })).code).toBe("not-found");
  });
});

describe("A file", () => {
  test("is read alone, whatever its name.", () => {
    const cwd = folderWith({ "stack.txt": "services:\n  web:\n    image: nginx\n", "compose.yaml": compose });
    const { systems } = readPaths(["stack.txt"], { cwd });
    expect(
      systems.flatMap((system) => system.all("workload").map((workload) => describePlace(workload.place))),
    ).toEqual(["stack.txt:2:3"]);
  });

  test.each<readonly [name: string, text: string, said: string]>([
    ["notes.txt", "hello there\n", "notes.txt is no kind of file that Ringwall reads."],
    ["some.conf", "a=b\n", "some.conf is no kind of file that Ringwall reads."],
    ["play.yml", "- hosts: all\n", "play.yml is no kind of file that Ringwall reads."],
    ["values.yaml", "name: a\nport: 1\n", "values.yaml is no kind of file that Ringwall reads."],
    ["app.service", "[Service]\nUser=a\n", "app.service is a unit of systemd, in which Ringwall looks for nothing but"],
    ["main.yml", "a: 1\n", "main.yml is no kind of file that Ringwall reads."],
    ["site.yml", "- hosts: all\n", "site.yml is a playbook of Ansible, in which Ringwall looks for nothing but"],
    ["haproxy.cfg", "frontend a\n", "haproxy.cfg is a configuration of HAProxy, in which Ringwall looks for"],
    ["empty.yaml", "\n", "empty.yaml is empty."],
  ])("of no kind that is read says so, with a pointer to those that are: %s.", (name, text, said) => {
    const cwd = folderWith({ [name]: text });
    const told = failure(() => readPaths([name], { cwd })).describe();
    expect(told).toContain(said);
    if (text.trim() !== "") expect(told).toContain("docs/formats.md");
    expect(told).not.toContain("Compose");
  });

  test.each<readonly [name: string, text: string, said: string]>([
    ["stack.txt", "services: [\n", "stack.txt:2:1: A `[` is never closed."],
    ["values.yaml", "{a: [b\n", "is never closed."],
    ["stack.json", '{\n  "services": 3\n}\n', "stack.json:2:15: `services` is a number"],
    [
      "compose.txt.yaml",
      "- a\n",
      "compose.txt.yaml:1:1: A Compose file is a mapping with `services:`; this is a list.",
    ],
  ])("is taken at its word as Compose by what stands in it, or by its name: %s.", (name, text, said) => {
    const cwd = folderWith({ [name]: text });
    expect(failure(() => readPaths([name], { cwd })).describe()).toContain(said);
  });

  test("opens nothing outside its folder.", () => {
    const cwd = folderWith({
      "outside.env": "OUTSIDE=kq83nf92hd\n",
      "app/compose.yaml": "services:\n  web:\n    image: nginx\n    env_file: [../outside.env]\n",
    });
    const { systems } = readPaths(["app/compose.yaml"], { cwd });
    const environment = systems[0]?.all("container")[0]?.environment;
    expect(environment?.complete).toBe(false);
    expect(environment?.items).toEqual([]);
  });
});

test("Several paths are named in places as the person named them, and a missing one is a problem.", () => {
  const cwd = folderWith({ "a/compose.yaml": "services:\n  web: {image: nginx}\n", "b/.env": "A=1\n" });
  const { systems, problems } = readPaths(["./a", "b/", "c"], { cwd });
  const places = systems.flatMap((system) => system.subjects.map((subject) => describePlace(subject.place)));
  expect(places).toContain("a/compose.yaml:2:3");
  expect(places).toContain("b/.env");
  expect(problems.map((problem) => problem.message)).toEqual(["c is not there."]);
});

test("Systems can be handed over one by one instead of kept.", () => {
  const cwd = folderWith({
    "a/compose.yaml": compose,
    "a/app.env": "A=1",
    "b/compose.yaml": "services: {x: {image: y}}\n",
  });
  const names: string[] = [];
  const profile = new Profile(() => 0);
  const result = readPaths(["."], { cwd, profile, onSystem: (system) => names.push(system.name) });
  expect(names).toEqual(["a", "b"]);
  expect(result.systems).toEqual([]);
  expect(profile.phases.map((phase) => phase.name).sort()).toEqual(["facts", "find", "parse", "read", "secrets"]);
});

const corpus = join(dirname(fileURLToPath(import.meta.url)), "../../../shared/corpus/compose/examples");

describe.skipIf(!existsSync(corpus))("The corpus of public Compose files (needs ../shared/corpus)", () => {
  test("is read whole: 82 projects, and no value of it can be printed.", () => {
    const { systems, problems } = readPaths([corpus], { cwd: corpus });
    expect(systems).toHaveLength(82);
    expect(problems).toEqual([]);
    expect(new Set(systems.map((system) => system.name)).size).toBe(82);
    const authentik = systems.find((system) => system.name === "authentik");
    const [file] = authentik?.all("repository-file").filter((candidate) => candidate.role === "environment") ?? [];
    expect(file?.secretNames.items).toEqual(["PG_PASS", "AUTHENTIK_SECRET_KEY"]);
    expect(JSON.stringify(systems.map((system) => system.subjects))).not.toContain("7jFjT4pUyf0YOlQ84LrO6JdLVWpz");
  });
});
