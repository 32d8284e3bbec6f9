import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { threadMs } from "../../../../test/support/thread-time.ts";
import type { TreeNode } from "../../../formats/tree.ts";
import { toPlain } from "../../../formats/tree.ts";
import { RingwallError } from "../../../lib/error.ts";
import { describePlace } from "../../../lib/place.ts";
import { ConfinedFiles } from "../../../repository/files.ts";
import type { ComposeProject } from "../project.ts";
import { type LoadOptions, loadComposeProject } from "./load.ts";

const work = mkdtempSync(join(tmpdir(), "ringwall-load-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));
let made = 0;

type Content = string | Buffer;

function folder(files: Readonly<Record<string, Content>>): string {
  const root = join(work, `project-${made++}`, "shop");
  mkdirSync(root, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

function answer(
  files: Readonly<Record<string, Content>> | string,
  use: readonly string[] = ["compose.yaml"],
  options: LoadOptions = {},
) {
  return loadComposeProject(new ConfinedFiles(typeof files === "string" ? files : folder(files)), use, options);
}

function load(
  files: Readonly<Record<string, Content>> | string,
  use?: readonly string[],
  options?: LoadOptions,
): ComposeProject {
  const project = answer(files, use, options);
  if (project instanceof RingwallError) throw project;
  return project;
}

function refusal(files: Readonly<Record<string, Content>> | string, use?: readonly string[]): string {
  const project = answer(files, use);
  return project instanceof RingwallError ? project.describe() : "loaded";
}

function at(node: TreeNode | undefined, ...path: readonly (string | number)[]): TreeNode {
  let current = node;
  for (const key of path) {
    if (current?.kind === "mapping") current = current.entries.get(String(key))?.value;
    else if (current?.kind === "sequence") current = current.items[Number(key)];
    else current = undefined;
  }
  if (current === undefined) throw new Error(`nothing at ${path.join(".")}`);
  return current;
}

function service(project: ComposeProject, ...path: readonly (string | number)[]): TreeNode {
  return at(project.root, "services", "a", ...path);
}

function place(node: TreeNode): string {
  return describePlace(node.place);
}

function said(project: ComposeProject): string[] {
  return project.problems.map((problem) => `${describePlace(problem.place)} ${problem.severity}: ${problem.message}`);
}

const one = (body: string): string => `services:\n  a:\n    image: x\n${body.replace(/^(?=.)/gm, "    ")}\n`;

describe("places survive", () => {
  test("merging: each value points at the file that had the last word", () => {
    const project = load(
      {
        "compose.yaml": one("environment: {A: 1, B: 2}\nrestart: always"),
        "over.yaml": "services:\n  a:\n    environment: [B=3]\n",
      },
      ["compose.yaml", "over.yaml"],
    );
    expect(place(service(project, "environment", "A"))).toBe("compose.yaml:4:22");
    expect(place(service(project, "environment", "B"))).toBe("over.yaml:3:19");
    expect(place(service(project, "restart"))).toBe("compose.yaml:5:14");
    expect(project.files.map(({ path }) => path)).toEqual(["compose.yaml", "over.yaml"]);
  });

  test("extends, include, anchors and short forms", () => {
    const project = load({
      "compose.yaml":
        "include: [inc/c.yaml]\nx-p: &p ['80:80']\nservices:\n  a: {extends: {file: base.yaml, service: b}, ports: *p}\n",
      "base.yaml": "services:\n  b:\n    image: y\n    privileged: true\n",
      "inc/c.yaml": "services:\n  c: {image: z, volumes: ['./d:/d']}\n",
    });
    expect(place(service(project, "privileged"))).toBe("base.yaml:4:17");
    expect(place(service(project, "ports", 0, "published"))).toBe("compose.yaml:2:10");
    expect(place(at(project.root, "services", "c", "volumes", 0, "source"))).toBe("inc/c.yaml:2:27");
    expect(toPlain(at(project.root, "services", "c", "volumes", 0, "source"))).toBe("./inc/d");
  });

  test("are those of the file that had a mapping first, and of the one that decided a value.", () => {
    const project = load(
      {
        "compose.yaml": "services:\n  a:\n    image: x\n    user: root\n",
        "compose.override.yaml": "# Laid over it.\nservices:\n  a: {user: '1000'}\n",
      },
      ["compose.yaml", "compose.override.yaml"],
    );
    const services = at(project.root, "services");
    const keyPlace = services.kind === "mapping" ? services.entries.get("a")?.keyPlace : undefined;
    expect(keyPlace && describePlace(keyPlace)).toBe("compose.yaml:2:3");
    expect(place(service(project))).toBe("compose.yaml:3:5");
    expect(place(service(project, "user"))).toBe("compose.override.yaml:3:13");
  });

  test("variables of env files point into them", () => {
    const project = load({ "compose.yaml": one("env_file: e.env"), "e.env": "# c\nA=1\nB='two'\n" });
    expect(place(service(project, "environment", "B"))).toBe("e.env:3:3");
    expect(project.environmentFiles.map(({ path }) => path)).toEqual(["e.env"]);
  });

  test("what Compose adds by itself is marked as implied", () => {
    const project = load({ "compose.yaml": one("ports: ['80:80']") });
    const networks = at(project.root, "services", "a");
    expect(networks.kind === "mapping" && networks.entries.get("networks")?.implied).toBe(true);
    const port = service(project, "ports", 0);
    const marks = port.kind === "mapping" ? [...port.entries.values()].map(({ key, implied }) => [key, implied]) : [];
    expect(marks).toEqual([
      ["mode", true],
      ["target", undefined],
      ["published", undefined],
      ["protocol", true],
    ]);
  });
});

describe("what is not known is said", () => {
  test("a variable that is not set leaves the value Compose gives it, unresolved", () => {
    const project = load({ "compose.yaml": 'services: {a: {image: "repo/x:${TAG}"}}\n' });
    expect(service(project, "image")).toMatchObject({
      value: "repo/x:",
      unresolved: '"TAG" is not set in this folder',
      interpolates: ["TAG"],
    });
    expect(project.problems).toEqual([]);
  });

  test("a default and a value from .env are resolved, and remembered as interpolated", () => {
    const project = load({ "compose.yaml": one("user: '${U:-1000}'\nhostname: '${H}'"), ".env": "H=host\n" });
    expect(service(project, "user")).toMatchObject({ value: "1000", interpolates: ["U"] });
    expect(service(project, "hostname")).toMatchObject({ value: "host", interpolates: ["H"] });
    expect("unresolved" in service(project, "user")).toBe(false);
  });

  test("a variable of .env that hangs on one that is not set is in doubt too", () => {
    const project = load({ "compose.yaml": one("hostname: '${H}'"), ".env": "H=a-${NONE}\n" });
    expect(service(project, "hostname")).toMatchObject({ value: "a-", unresolved: '"NONE" is not set in this folder' });
  });

  test("Ringwall's own environment is never used", () => {
    process.env.RINGWALL_TEST_LEAK = "leaked";
    const project = load({
      "compose.yaml": one("hostname: '${RINGWALL_TEST_LEAK}'\nenvironment: [RINGWALL_TEST_LEAK]"),
    });
    delete process.env.RINGWALL_TEST_LEAK;
    expect(JSON.stringify(toPlain(project.root))).not.toContain("leaked");
  });

  test("in a short form only the parts that a variable touches are in doubt", () => {
    const project = load({
      "compose.yaml": one("ports: ['127.0.0.1:${P}:80']\nvolumes: ['${D}/x:/y:ro']\nenvironment: ['A=${V}', '${K}=1']"),
    });
    const known = (...path: (string | number)[]) => (service(project, ...path) as { unresolved?: string }).unresolved;
    expect([known("ports", 0, "host_ip"), known("ports", 0, "target")]).toEqual([undefined, undefined]);
    expect(known("ports", 0, "published")).toBe('"P" is not set in this folder');
    expect(known("volumes", 0, "source")).toBe('"D" is not set in this folder');
    expect([known("volumes", 0, "target"), known("volumes", 0, "read_only")]).toEqual([undefined, undefined]);
    expect(known("volumes", 0, "type")).toBe('"D" is not set in this folder');
    expect(known("environment", "A")).toBe('"V" is not set in this folder');
    expect(service(project, "environment")).toMatchObject({ incomplete: '"K" is not set in this folder' });
  });

  test("an address of a short port that is a variable and nothing else is in doubt, and not every address", () => {
    const project = load({ "compose.yaml": one("ports: ['${IP}:5432:5432', '${P}:80', ':81:81']") });
    const hostIps = toPlain(service(project, "ports")) as { host_ip?: unknown }[];
    expect(hostIps.map((port) => "host_ip" in port)).toEqual([true, false, false]);
    expect(service(project, "ports", 0, "host_ip")).toMatchObject({ unresolved: '"IP" is not set in this folder' });
  });

  test("a line that is indented too far shows no password in what is said of it", () => {
    for (const lines of [
      "ports:\n  - 80:80\n      - DB_PASSWORD=Zk39sPqLm2XvT7wQ",
      "ports:\n  - 80:x\n    DB_PASSWORD=Zk39sPqLm2XvT7wQ",
      "ports:\n  - target: 80\n    host_ip: DB_PASSWORD=Zk39sPqLm2XvT7wQ",
      "privileged: yes\n  DB_PASSWORD=Zk39sPqLm2XvT7wQ",
      "volumes:\n  - ./a\n    DB_PASSWORD=Zk39sPqLm2XvT7wQ:/b:/c:/d",
      "DB_PASSWORD=Zk39sPqLm2XvT7wQ: 1",
      "networks:\n  - proxy\n      - DB_PASSWORD=Zk39sPqLm2XvT7wQ",
      "depends_on:\n  - db\n      - DB_PASSWORD=Zk39sPqLm2XvT7wQ",
      "env_file:\n  - .env\n      - DB_PASSWORD=Zk39sPqLm2XvT7wQ",
      "'x DB_PASSWORD Zk39sPqLm2XvT7wQ': 1",
      "env_file: [DB_PASSWORD=Zk39sPqLm2XvT7wQ]",
      "env_file: ['x Zk39sPqLm2XvT7wQ']",
      "label_file: [DB_PASSWORD=Zk39sPqLm2XvT7wQ]",
      "environment: ['x Zk39sPqLm2XvT7wQ ']",
      "extra_hosts: {'x DB_PASSWORD: Zk39sPqLm2XvT7wQ': 1}",
    ]) {
      const { problems } = load({ "compose.yaml": one(lines) });
      expect(problems.length, lines).toBeGreaterThan(0);
      expect(JSON.stringify(problems.map(({ message }) => message)), lines).not.toContain("Zk39");
    }
  });

  test("typed fields of unset variables are unresolved and not false", () => {
    const project = load({ "compose.yaml": one("privileged: '${P}'\nread_only: '${R:-true}'") });
    expect(service(project, "privileged")).toMatchObject({ value: null, unresolved: '"P" is not set in this folder' });
    expect(service(project, "read_only")).toMatchObject({ value: true });
  });

  test("a required variable is a problem with its reason, and the rest is read", () => {
    const project = load({ "compose.yaml": one("user: '${U:?say who}'\nrestart: always") });
    expect(said(project)).toEqual([
      'compose.yaml:4:11 warning: The variable "U" is required and not set in this folder: say who.',
    ]);
    expect(service(project, "user")).toMatchObject({
      unresolved: '"U" is not set in this folder, and the file requires it',
    });
    expect(toPlain(service(project, "restart"))).toBe("always");
  });

  test("a wrong type is marked where it stands", () => {
    const project = load({ "compose.yaml": one("privileged: maybe\ncap_drop: ALL\nports: ['99999:80', '81:81']") });
    expect(service(project, "privileged")).toMatchObject({ unresolved: "it is not `true` or `false`" });
    expect(service(project, "cap_drop")).toMatchObject({
      value: "ALL",
      unresolved: "it is a text, where a list is expected",
    });
    expect(service(project, "ports")).toMatchObject({
      incomplete: '"99999" is not a port or a range of ports (0 to 65535)',
    });
    expect(toPlain(service(project, "ports"))).toEqual([
      { mode: "ingress", target: 81, published: "81", protocol: "tcp" },
    ]);
  });

  test("an env_file that is missing, optional, outside or a link", () => {
    const root = folder({
      "compose.yaml": one("env_file: [{path: none.env, required: false}]"),
      "b.yaml": one("env_file: [none.env, ok.env]"),
      "c.yaml": one("env_file: ../../secret.env"),
      "d.yaml": one("env_file: link.env"),
      "ok.env": "A=1\n",
    });
    writeFileSync(join(root, "../../secret.env"), "PASSWORD=hunter2\n");
    symlinkSync("../../secret.env", join(root, "link.env"));
    expect(said(load(root))).toEqual([]);
    const missing = load(root, ["b.yaml"]);
    expect(said(missing)).toEqual(["b.yaml:4:16 warning: The `env_file` is not read: none.env is not there."]);
    expect(service(missing, "environment")).toMatchObject({ incomplete: "none.env is not there" });
    expect(toPlain(service(missing, "environment"))).toEqual({ A: "1" });
    const outside = load(root, ["c.yaml"]);
    expect(said(outside)).toEqual([
      "c.yaml:4:15 warning: The `env_file` is not read: ../../secret.env lies outside the folder that is checked; it is not read.",
    ]);
    expect(service(outside, "environment")).toMatchObject({
      incomplete: "../../secret.env lies outside the folder that is checked; it is not read",
    });
    expect(said(load(root, ["d.yaml"]))).toEqual([
      "d.yaml:4:15 warning: The `env_file` is not read: link.env is a link; links are not followed.",
    ]);
    expect(JSON.stringify(toPlain(outside.root))).not.toContain("hunter2");
  });

  test("an include or extends that cannot be followed makes incomplete what it would have filled", () => {
    const project = load({
      "compose.yaml":
        "include: [none.yaml, 'https://host/x.git']\nservices:\n  a: {image: x, extends: {file: gone.yaml, service: b}, networks: [from-include]}\n",
    });
    expect(said(project)).toEqual([
      "compose.yaml:3:33 error: gone.yaml is not there.",
      "compose.yaml:1:11 error: none.yaml is not there.",
      "compose.yaml:1:22 warning: This `include` names a project on another machine, which is not fetched.",
    ]);
    expect(project.root.incomplete).toBe("none.yaml, which it includes, could not be read");
    expect(service(project)).toMatchObject({ incomplete: "the file that it extends could not be read" });
  });

  test("files that include one another in a circle are named once each, from the one where the circle begins", () => {
    const project = load({
      "compose.yaml": "include: [b.yaml]\nservices: {a: {image: x}}\n",
      "b.yaml": "include: [c.yaml]\nservices: {}\n",
      "c.yaml": "include: [b.yaml]\nservices: {}\n",
    });
    expect(said(project)).toEqual([
      "c.yaml:1:11 error: These files include one another in a circle: b.yaml includes c.yaml includes b.yaml.",
    ]);
  });
});

describe("bad input gets a sentence with the place, and the rest is read", () => {
  test.each([
    [
      "a misspelt key",
      one("enviroment: {A: 1}"),
      'compose.yaml:4:5 error: Compose does not know the key "enviroment" in the service "a". Did you mean "environment"?',
    ],
    [
      "a key at the wrong level",
      one("networks: {default: {restart: always}}"),
      'compose.yaml:4:26 error: Compose does not know the key "restart" in `default`. It belongs to the service: indent it less.',
    ],
    [
      "a top-level key in a service",
      one("volumes: []\nservices: {}"),
      'compose.yaml:5:5 error: Compose does not know the key "services" in the service "a". It belongs to the top of the file: indent it less.',
    ],
    [
      "a number for a text",
      one("user: 1000"),
      "compose.yaml:4:11 error: `user` is a number, where a text is expected.",
    ],
    [
      "a port of 99999",
      one("ports:\n  - '99999:80'"),
      'compose.yaml:5:9 error: "99999:80" cannot be read: "99999" is not a port or a range of ports (0 to 65535).',
    ],
    [
      "a port of 99999 in the long form",
      one("ports: [{target: 99999}]"),
      "compose.yaml:4:22 error: 99999 is no port; ports end at 65535.",
    ],
    [
      "a key twice",
      one("restart: always\nrestart: 'no'"),
      'compose.yaml:5:5 error: The key "restart" stands twice in one mapping (the first is in line 4).',
    ],
    [
      "a tab",
      "services:\n  a:\n    image: x\n\t\n",
      "compose.yaml:4:1 error: A tab stands where the line is indented; YAML allows only spaces there.",
    ],
    [
      "a network that is not declared",
      `${one("networks: [bakend]")}networks: {backend: }\n`,
      'compose.yaml:4:16 error: The service "a" uses the network "bakend", which is not declared. Did you mean "backend"?',
    ],
    [
      "extends in a circle",
      "services:\n  a: {image: x, extends: b}\n  b: {image: y, extends: a}\n",
      "compose.yaml:2:17 error: These services extend one another in a circle: a extends b extends a.",
    ],
    [
      "include in a circle",
      `include: [compose.yaml]\n${one("")}`,
      "compose.yaml:1:11 error: These files include one another in a circle: compose.yaml includes compose.yaml.",
    ],
    [
      "dependencies in a circle",
      "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: y, depends_on: [a]}\n",
      "compose.yaml:3:30 error: These services wait for one another in a circle: a → b → a.",
    ],
    [
      "dependencies in a circle that others lead to",
      "services:\n  a: {image: x, depends_on: [b, d]}\n  b: {image: y, depends_on: [c]}\n  c: {image: y, depends_on: [b, d]}\n  d: {image: y}\n",
      "compose.yaml:4:30 error: These services wait for one another in a circle: b → c → b.",
    ],
    [
      "a malformed variable",
      one("user: '${'"),
      "compose.yaml:4:11 error: This `${…}` is not a variable that Compose can replace.",
    ],
    [
      "a mount twice",
      one("volumes: [./a:/x]\ntmpfs: [/x]"),
      'compose.yaml:4:15 error: Two mounts of the service "a" have the target /x.',
    ],
  ])("%s", (_, text, sentence) => {
    const project = load({ "compose.yaml": text });
    expect(said(project)).toContainEqual(expect.stringContaining(sentence));
    expect(toPlain(service(project, "image"))).toBe("x");
  });

  test.each([
    ["both always start", "", "", true],
    ["they have a profile in common", "profiles: [cpu, all]", "profiles: [gpu, all]", true],
    ["their profiles are different", "profiles: [cpu]", "profiles: [gpu]", false],
    ["one has a profile", "", "profiles: [gpu]", false],
  ])("one container name for two services where %s", (_, first, second, isRefused) => {
    const named = (more: string) => `{image: x, container_name: box${more === "" ? "" : `, ${more}`}}`;
    const project = load({ "compose.yaml": `services:\n  a: ${named(first)}\n  b: ${named(second)}\n` });
    expect(said(project)).toEqual(
      isRefused ? [expect.stringContaining('The services "a" and "b" have one container name, "box".')] : [],
    );
  });

  test.each([
    ["a file beside it", "mail.conf", "mail.conf", "from-a-link"],
    ["a file of another folder", "conf/mail.conf", "conf/mail.conf", "from-a-link"],
    ["a file outside", "mail.conf", "/etc/hostname", "default"],
    ["a file above the folder", "mail.conf", "../../mail.conf", "default"],
    ["nothing", "other.conf", "mail.conf", "default"],
  ])("a .env that is a link to %s is read as far as it lies in the folder", (_, path, target, expected) => {
    const text = "services: {a: {image: x, hostname: '${HOST:-default}', env_file: app.env}}\n";
    const root = folder({ "compose.yaml": text, [path]: "HOST=from-a-link\n" });
    symlinkSync(target, join(root, ".env"));
    symlinkSync(target, join(root, "app.env"));
    const project = load(root);
    expect(toPlain(service(project, "hostname"))).toBe(expected);
    expect(said(project).some((line) => line.includes("is a link"))).toBe(expected === "default");
  });

  test.each([
    ["", "set nowhere", 'The variable "KEY" is required and not set in this folder: make one.'],
    ["KEY=\n", "empty", 'The variable "KEY" is required and empty in this folder: make one.'],
  ])("a required variable that the .env %j leaves is said to be %s", (env, _, sentence) => {
    const text = "services: {a: {image: x, environment: {KEY: '${KEY:?make one}'}}}\n";
    const project = load({ "compose.yaml": text, ".env": env });
    expect(said(project)).toEqual([expect.stringContaining(sentence)]);
    const { unresolved } = service(project, "environment", "KEY") as { unresolved?: string };
    expect(unresolved).toContain(sentence.includes("empty") ? '"KEY" is empty' : '"KEY" is not set');
  });

  test("a name that a variable gives where a path is meant says how a path begins", () => {
    const project = load({
      "compose.yaml": "services: {a: {image: x, volumes: ['${DATA}:/data']}}\n",
      ".env": "DATA=photos\n",
    });
    expect(project.problems.map(({ hint }) => hint)).toEqual([
      "Declare it under `volumes:` at the top of the file. A folder of the host is meant where the variable begins with `/`, `./` or `~`.",
    ]);
  });

  test.each<readonly [string, Content, string]>([
    ["empty", "", "compose.yaml is empty; expected a mapping with `services:`."],
    ["only comments", "# nothing\n", "compose.yaml is empty; expected a mapping with `services:`."],
    ["a text", "hello\n", "compose.yaml:1:1: A Compose file is a mapping with `services:`; this is a single value."],
    ["a list", "- a\n", "compose.yaml:1:1: A Compose file is a mapping with `services:`; this is a list."],
    [
      "binary",
      Buffer.from([0x50, 0x4b, 3, 4, 0, 0]),
      "place unknown (the file was not read): compose.yaml is a binary file (it has a zero byte); expected UTF-8 text.",
    ],
    [
      "not UTF-8",
      Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]),
      "place unknown (the file was not read): compose.yaml is not valid UTF-8; save it as UTF-8 text.",
    ],
    [
      "over the cap",
      `a: ${"x".repeat(4 * 1024 * 1024)}`,
      "place unknown (the file was not read): compose.yaml is larger than 4 MiB; it is not read.",
    ],
    [
      "10,000 deep",
      `services: ${"{a: ".repeat(10_000)}`,
      "compose.yaml:1:807: Mappings and lists nest more than 200 deep here; the file is not read.",
    ],
    [
      "a template",
      "{% include 'services.yml' %}\n{% for s in services %}\n{{ s }}:\n{% endfor %}\n",
      "compose.yaml:1:1: This is a template (it has `{% … %}` in it), not YAML: it can be read only once it is rendered.",
    ],
  ])("a file that is %s", (_, content, sentence) => {
    expect(refusal({ "compose.yaml": content })).toContain(sentence);
  });

  test("a folder, a pipe, a link, a missing file and one outside in place of the Compose file", () => {
    const root = folder({ "dir/compose.yaml/x": "", "real.yaml": one("") });
    execFileSync("mkfifo", [join(root, "pipe.yaml")]);
    symlinkSync("real.yaml", join(root, "link.yaml"));
    expect(refusal(root, ["dir/compose.yaml"])).toContain("dir/compose.yaml is a folder, not a regular file.");
    expect(refusal(root, ["pipe.yaml"])).toContain("pipe.yaml is a pipe, not a regular file.");
    expect(refusal(root, ["link.yaml"])).toContain("link.yaml is a link; links are not followed.");
    expect(refusal(root, ["none.yaml"])).toContain("none.yaml is not there.");
    expect(refusal(root, ["../shop/real.yaml"])).toContain("lies outside the folder that is checked");
  });

  test("aliases that stand for a billion values are read up to a point, quickly", () => {
    const lines = Array.from(
      { length: 15 },
      (_, index) =>
        `x-${index}: &a${index} [${Array(9)
          .fill(index === 0 ? "x" : `*a${index - 1}`)
          .join(", ")}]`,
    );
    const start = threadMs();
    const project = load({ "compose.yaml": `${lines.join("\n")}\n${one("labels: *a14")}` });
    expect(said(project)[0]).toContain(
      "The aliases of this file stand for more than 200000 values; from here on they are not read.",
    );
    expect(threadMs() - start).toBeLessThan(3000);
  });

  test("ranges of ports that stand for millions are cut", () => {
    const ranges = Array.from({ length: 200 }, (_, index) => `"127.0.0.${index}:1-60000:1-60000"`);
    const project = load({ "compose.yaml": one(`ports: [${ranges.join(", ")}]`) });
    expect(service(project, "ports")).toMatchObject({ incomplete: "the project publishes more than 30000 ports" });
    expect(said(project)[0]).toContain("the project publishes more than 30000 ports");
  });

  test("a chain of services that wait for one another may be as long as there are services", () => {
    const count = 4_000;
    const chain = Array.from({ length: count }, (_, at) => `  a${at}: {image: x, depends_on: [a${at + 1}]}\n`);
    const end = (last: string) => load({ "compose.yaml": `services:\n${chain.join("")}  a${count}: ${last}\n` });
    expect(said(end("{image: x}"))).toEqual([]);
    const [circle, ...others] = said(end(`{image: x, depends_on: [a${count - 1}]}`));
    expect(others).toEqual([]);
    expect(circle).toContain(`in a circle: a${count - 1} → a${count} → a${count - 1}.`);
  });

  test("a chain of includes that never ends in a circle is cut", () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `c${index}.yaml`,
        `include: [c${index + 1}.yaml]\nservices: {s${index}: {image: x}}\n`,
      ]),
    );
    const project = load({ ...files, "c40.yaml": one("") }, ["c0.yaml"]);
    expect(said(project)[0]).toContain("Too many files include one another in a row.");
  });

  test("no message names a folder of this machine", () => {
    const project = load({
      "compose.yaml": `include: [none.yaml, ../x.yaml]\n${one("env_file: [/etc/passwd, ../../y]\nbuild: {context: ../..}")}`,
    });
    expect(JSON.stringify(said(project)) + JSON.stringify(toPlain(project.root))).not.toContain(work);
    expect(said(project).join("\n")).toContain("/etc/passwd lies outside the folder that is checked");
  });
});

describe("names and folders", () => {
  test("the project is named by option, .env, `name:` or folder, in this order", () => {
    const named = { "compose.yaml": `name: Written\n${one("")}` };
    expect(load({ ...named, ".env": "COMPOSE_PROJECT_NAME=from-env\n" }, undefined, { name: "given" }).name).toBe(
      "given",
    );
    expect(load({ ...named, ".env": "COMPOSE_PROJECT_NAME=from-env\n" }).name).toBe("from-env");
    expect(load(named).name).toBe("written");
    expect(load({ "compose.yaml": one("") }).name).toBe("shop");
    expect(load({ "My App!/compose.yaml": one("") }, ["My App!/compose.yaml"]).name).toBe("myapp");
  });

  test("relative paths start at the folder of the first file, seen from the root or from a given base", () => {
    const files = {
      "sub/compose.yaml": one("build: .\nvolumes: ['./a:/a', '../b:/b', '../../c:/c', '/d:/d', '~/e:/e']"),
    };
    const sources = (project: ComposeProject) => [
      toPlain(service(project, "build", "context")),
      ...[0, 1, 2, 3, 4].map((index) => toPlain(service(project, "volumes", index, "source"))),
    ];
    expect(sources(load(files, ["sub/compose.yaml"]))).toEqual(["./sub", "./sub/a", "./b", "../c", "/d", "~/e"]);
    expect(sources(load(files, ["sub/compose.yaml"], { base: "/srv/x", home: "/home/u" }))).toEqual([
      "/srv/x/sub",
      "/srv/x/sub/a",
      "/srv/x/b",
      "/srv/c",
      "/d",
      "/home/u/e",
    ]);
  });

  test("all services are kept, with their profiles", () => {
    const project = load({ "compose.yaml": "services:\n  a: {image: x, profiles: [debug]}\n  b: {image: y}\n" });
    expect(toPlain(service(project, "profiles"))).toEqual(["debug"]);
    expect(toPlain(at(project.root, "services", "b", "image"))).toBe("y");
  });
});

describe("no message gives a value away", () => {
  test.each([
    ["a number in a command", 'command: ["--password", 918273645]'],
    ["a list under a variable", "environment: {PASSWORD: [hunter2-value]}"],
    ["a word twice", "security_opt: [hunter2-value, hunter2-value]"],
    ["a health check that is no list of words", 'healthcheck: {test: ["curl -u me:hunter2-value x"]}'],
    ["an open quote", "command: 'echo \"hunter2-value'"],
    ["a secret in a malformed env file", "env_file: e.env"],
  ])("%s", (_, body) => {
    const project = load({ "compose.yaml": one(body), "e.env": 'A="hunter2-value\n' });
    expect(project.problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(project.problems.map(({ message, hint }) => [message, hint]))).not.toMatch(
      /hunter2-value|918273645/,
    );
  });
});

describe("a template of another program within the values", () => {
  const jinja = `services:
  a:
    image: "{{ image }}:{{ tag | default('hunter2') }}"
    user: "{{ uid }}:{{ gid }}"
    ports: ["{{ port }}:8080"]
    privileged: "{{ privileged }}"
    volumes: ["{{ folder }}:/data", "{{ socket }}:/var/run/docker.sock"]
    networks: ["{{ network }}"]
    environment: {DB_PASSWORD: "{{ vault_db_password }}"}
`;

  test("what gluetun fills in within its own commands makes no template of a file", () => {
    const command = `/bin/sh -c 'wget -O- --post-data "json={{PORTS}}" http://127.0.0.1:8080/{{VPN_INTERFACE}}'`;
    const project = load({
      "compose.yaml": one(`environment:\n  VPN_PORT_FORWARDING_UP_COMMAND: ${JSON.stringify(command)}`),
    });
    expect(project.problems).toEqual([]);
    expect(toPlain(service(project, "environment"))).toEqual({ VPN_PORT_FORWARDING_UP_COMMAND: command });
    expect(load({ "compose.yaml": one("ports: ['{{PORT}}:80']") }).problems).toHaveLength(1);
  });

  test("is told once, without its defaults, and what hangs on it is not known", () => {
    const project = load({ "compose.yaml": jinja });
    expect(said(project)).toEqual([
      "compose.yaml:3:12 warning: This is a template: another program fills in `{{ image }}` and the like before Compose reads it, and what hangs on them cannot be told.",
    ]);
    for (const path of [["image"], ["user"], ["privileged"], ["environment", "DB_PASSWORD"]]) {
      expect(service(project, ...path)).toMatchObject({ unresolved: "another program fills in a template here" });
    }
  });

  test.each([
    "{{.Node.Hostname}}",
    "{{ .Task.Slot }}",
    "{{json .}}",
    "{{range .Ports}}x{{end}}",
    "{{ $x }}",
    "{{",
    "}} {{ {{",
  ])("is none where Go's are: %s", (text) => {
    const project = load({
      "compose.yaml": `services:\n  a: {image: x, hostname: '${text.replaceAll("$", "$$$$")}'}\n`,
    });
    expect(said(project)).toEqual([]);
    expect(service(project, "hostname")).toMatchObject({ value: text });
    expect(service(project, "hostname")).not.toHaveProperty("unresolved");
  });

  test("costs no more on a hostile text than its length", () => {
    const hostile = `{{ a${" ".repeat(20)}`.repeat(20_000);
    const started = threadMs();
    load({ "compose.yaml": `services:\n  a: {image: x, hostname: '${hostile}'}\n` });
    expect(threadMs() - started).toBeLessThan(2000);
  });
});
