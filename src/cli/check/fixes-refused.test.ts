/** Mendings that would change what nobody asked about, or break what works: they are left to a person, and the files stay. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: G2 | compose incus files

type Texts = Readonly<Record<string, string>>;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-fixes-refused-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(texts: Texts): void {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function texts(): Texts {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

interface Found {
  readonly control: string;
  readonly fixable: boolean;
}

async function check(...argv: readonly string[]) {
  const context = memoryContext({ cwd: folder });
  await runCli(["check", "--format", "json", ...argv], context);
  const { findings } = JSON.parse(context.stdout.text()) as { findings: readonly Found[] };
  return { findings, said: context.stderr.text() };
}

/** Lays files out and mends what a control finds. Gives the files as they are then, and what is still found. */
async function mended(control: string, files: Texts) {
  put(files);
  const { findings, said } = await check("--fix-only", control);
  const first = texts();
  expect((await check("--fix-only", control)).said).toContain("Nothing is changed.");
  expect(texts()).toEqual(first);
  return { files: first, said, left: findings.filter((each) => each.control === control) };
}

/** Nothing is changed, the finding stays, and is not called fixable. */
async function expectLeftAlone(control: string, files: Texts): Promise<void> {
  const { files: after, left } = await mended(control, files);
  expect(after).toEqual(files);
  expect(left.length).toBeGreaterThan(0);
  expect(left.every(({ fixable }) => !fixable)).toBe(true);
}

describe("a location of nginx without its slash", () => {
  const http = (inner: string) => ({
    "nginx.conf": `events {}\nhttp {\n  server {\n    listen 80;\n${inner}\n  }\n}\n`,
  });
  const climbable = "    location /files {\n      alias /srv/files/;\n    }\n";

  it("gets it where the server has no such location", async () => {
    const other =
      "    location = /files/ {\n      return 204;\n    }\n    location /files/a {\n      return 204;\n    }";
    const { files, left } = await mended("edge.alias-contained", http(climbable + other));
    expect(files).toEqual(http(climbable.replace("/files {", "/files/ {") + other));
    expect(left).toEqual([]);
  });

  it("gets it in the server that has no such location, and not in the other", async () => {
    const taken = `${climbable}    location /files/ {\n      return 204;\n    }\n`;
    const next = "  }\n  server {\n    listen 81;\n";
    const { files, left } = await mended("edge.alias-contained", http(taken + next + climbable));
    expect(files).toEqual(http(taken + next + climbable.replace("/files {", "/files/ {")));
    expect(left).toHaveLength(1);
  });

  it.each([
    ["the same", `${climbable}    location /files/ {\n      return 204;\n    }`],
    ["one that patterns do not go before", `${climbable}    location ^~ /files/ {\n      return 204;\n    }`],
    ["one for requests of its own", `${climbable}    location /files/ {\n      internal;\n    }`],
    [
      "one within that would be outside",
      "    location /files {\n      alias /srv/files/;\n      location /files.old {\n        return 204;\n      }\n    }",
    ],
    ["one that an unseen file may have", `${climbable}    include /elsewhere/*.conf;`],
  ])("is left alone where the server has %s", async (_, inner) => {
    await expectLeftAlone("edge.alias-contained", http(inner));
  });
});

describe("a published port of Compose", () => {
  const compose = (...ports: readonly string[]) => ({
    "compose.yaml": `services:\n  db:\n    image: postgres:17\n    ports:\n${ports.map((port) => `      - ${port}\n`).join("")}`,
  });

  // What `docker compose config` 2.40 says of them: the same ports, with the address.
  it.each([
    ['"5440-5442:5432"', '"127.0.0.1:5440-5442:5432"'],
    ['"::5432"', '"127.0.0.1::5432"'],
    ['"5432"', '"127.0.0.1::5432"'],
    ["5432", '"127.0.0.1::5432"'],
    ["5432/udp", '"127.0.0.1::5432/udp"'],
    ['"0.0.0.0::5432"', '"127.0.0.1::5432"'],
    ['"5440-5442:5432/udp"', '"127.0.0.1:5440-5442:5432/udp"'],
    ['"5440:5432"', '"127.0.0.1:5440:5432"'],
    ["{target: 5432}", "{target: 5432, host_ip: 127.0.0.1}"],
    ['{target: 5432, published: "5440-5442"}', '{target: 5432, published: "5440-5442", host_ip: 127.0.0.1}'],
  ])("keeps its ports on loopback: %s", async (before, after) => {
    const { files, left } = await mended("network.datastore-unpublished", compose(before));
    expect(files).toEqual(compose(after));
    expect(left).toEqual([]);
  });

  it.each([
    ["another one would be the same", ['"0.0.0.0:5432:5432"', '"[::]:5432:5432"']],
    ["another one is the same", ['"5432:5432"', '"127.0.0.1:5432:5432"']],
    ["it is several", ['"5432-5434:5432-5434"']],
    ["it is several that the engine chooses", ['"5432-5434"']],
  ])("is left alone where %s", async (_, ports) => {
    await expectLeftAlone("network.datastore-unpublished", compose(...ports));
  });

  it("is left alone where the host's network opens it", async () => {
    const host = { "compose.yaml": "services:\n  db:\n    image: postgres:17\n    network_mode: host\n" };
    await expectLeftAlone("network.datastore-unpublished", host);
  });
});

describe("a secret that is copied with its folder", () => {
  const build = (dockerfile: string, more: Texts = {}) => ({
    ".env": "PASSWORD=hunter2hunter2xyz\n",
    "compose.yaml": "services:\n  a:\n    build: .\n",
    Dockerfile: `FROM alpine:3.20\n${dockerfile}`,
    ...more,
  });

  it("is left out of the build", async () => {
    // A comment needs no file, nor does an example of it.
    const files = build("# .env is for Compose\nCOPY .env.example /app/\nCOPY . .\n", {
      ".env.example": "PASSWORD=\n",
    });
    const { files: after, left } = await mended("secrets.build-context-clean", files);
    expect(after).toEqual({ ...files, ".dockerignore": ".env\n" });
    expect(left).toEqual([]);
  });

  it.each([
    ["another copies it", "COPY package.json .env ./\nCOPY . .\n"],
    ["another copies it by a pattern", "COPY .e* ./\nCOPY . .\n"],
    ["a step reads it", "COPY . .\nRUN cat .env\n"],
    ["a step reads it in a later line", "COPY . .\nRUN set -e; \\\n  . ./.env && make\n"],
    ["a here-document reads it", "COPY . .\nRUN <<EOF\n. ./.env\nEOF\n"],
    ["a mount has it", "COPY . .\nRUN --mount=type=bind,source=.env,target=/x cat /x\n"],
    ["the program is given it", 'COPY . .\nCMD ["node", "--env-file=.env", "a.js"]\n'],
    ["an argument names it", "ARG FILE=.env\nCOPY . .\nCOPY $FILE /a\n"],
  ])("is left alone where %s", async (_, dockerfile) => {
    await expectLeftAlone("secrets.build-context-clean", build(dockerfile));
  });

  it("is left alone where another build of the folder names it", async () => {
    const files = build("COPY . .\n", {
      "compose.yaml":
        "services:\n  a:\n    build: .\n  b:\n    build:\n      context: .\n      dockerfile: Dockerfile.b\n",
      "Dockerfile.b": "FROM alpine:3.20\nCOPY .env /b\n",
    });
    await expectLeftAlone("secrets.build-context-clean", files);
  });

  it("is left alone where it is the history that a step asks", async () => {
    const files = build("COPY . .\nRUN git describe > version\n", { ".git/HEAD": "ref: refs/heads/main\n" });
    const { files: after, left } = await mended("secrets.build-context-clean", files);
    expect(after[".dockerignore"]).toBe(".env\n");
    expect(left.map(({ fixable }) => fixable)).toEqual([false]);
  });
});

describe("a setting of Terraform", () => {
  const control = "workload.nesting-off";
  const instance = (name: string, nesting: string, more = "") =>
    `resource "incus_instance" "${name}" {\n  name = "${name}"\n  config = {\n    "security.nesting" = ${nesting}\n${more}  }\n}\n`;
  const vm =
    'resource "incus_instance" "b" {\n  name = "b"\n  type = "virtual-machine"\n  config = {\n    "security.secureboot" = var.nest\n  }\n}\n';
  const variable = 'variable "nest" {\n  default = true\n}\n';
  const profile =
    'resource "incus_profile" "p" {\n  name = "p"\n  config = {\n    "security.nesting" = "true"\n  }\n}\n';
  const member = (name: string, of: string, more = "") =>
    `resource "incus_instance" "${name}" {\n  name = "${name}"\n  profiles = [${of}]\n${more}}\n`;
  const once = "locals {\n  on = true\n}\n";

  it.each<readonly [string, Texts, string, string]>([
    ["in its own block", { "main.tf": instance("a", '"true"') }, "main.tf", '"true"'],
    ["in a variable of its own", { "main.tf": variable + instance("a", "var.nest") }, "main.tf", "true"],
    [
      "in a local of its own",
      { "main.tf": once + instance("a", "local.on"), "b.tf": instance("b", '"false"') },
      "main.tf",
      "true",
    ],
    [
      "in a local of a local",
      { "main.tf": `${once}locals {\n  all = { nest = local.on }\n}\n${instance("a", "local.all.nest")}` },
      "main.tf",
      "true",
    ],
    [
      "in a file of values",
      { "main.tf": `variable "nest" {}\n${instance("a", "var.nest")}`, "terraform.tfvars": "nest = true\n" },
      "terraform.tfvars",
      "true",
    ],
    [
      "in a mapping that is merged",
      {
        "main.tf":
          'resource "incus_instance" "a" {\n  name = "a"\n  config = merge(local.x, {\n    "security.nesting" = "true"\n  })\n}\nlocals {\n  x = {}\n}\n',
      },
      "main.tf",
      '"true"',
    ],
    [
      "in its own block, of which others take something else",
      { "main.tf": `${instance("a", '"true"')}output "a" {\n  value = incus_instance.a.ipv4_address\n}\n` },
      "main.tf",
      '"true"',
    ],
    [
      "in a profile that only it has",
      { "main.tf": profile + member("a", "incus_profile.p.name") },
      "main.tf",
      '"true"',
    ],
  ])("is changed %s", async (_, files, name, on) => {
    const { files: after, left } = await mended(control, files);
    expect(after).toEqual({ ...files, [name]: files[name]?.replace(on, on.replace("true", "false")) });
    expect(left).toEqual([]);
  });

  it.each<readonly [string, Texts]>([
    ["a variable that another instance takes", { "main.tf": variable + instance("a", "var.nest") + vm }],
    ["a variable that another file takes", { "main.tf": variable + instance("a", "var.nest"), "vm.tf": vm }],
    [
      "a variable that a template takes",
      { "main.tf": `${variable}${instance("a", "var.nest")}output "x" {\n  value = "is \${var.nest}"\n}\n` },
    ],
    [
      "a local that its other settings take",
      {
        "main.tf":
          once +
          instance("a", "local.on", '    "boot.autostart" = local.on\n    "security.protection.delete" = local.on\n'),
      },
    ],
    [
      "a mapping that another instance takes",
      {
        "main.tf":
          'locals {\n  c = {\n    "security.nesting" = "true"\n  }\n}\nresource "incus_instance" "a" {\n  name = "a"\n  config = local.c\n}\nresource "incus_instance" "b" {\n  name = "b"\n  type = "virtual-machine"\n  config = local.c\n}\n',
      },
    ],
    [
      "a local of a local that is taken twice",
      {
        "main.tf": `${once}locals {\n  more = local.on\n}\n${instance("a", "local.more", '    "boot.autostart" = local.more\n')}`,
      },
    ],
    [
      "a value of a file that is taken twice",
      { "main.tf": `variable "nest" {}\n${instance("a", "var.nest")}${vm}`, "terraform.tfvars": "nest = true\n" },
    ],
    [
      "what is put into several settings",
      {
        "main.tf":
          'resource "incus_instance" "a" {\n  name = "a"\n  config = { for key in ["security.nesting", "boot.autostart"] : key => "true" }\n}\n',
      },
    ],
    [
      "what its copies are made by",
      {
        "main.tf":
          'resource "incus_instance" "a" {\n  for_each = { a = { on = "true" } }\n  name = each.key\n  config = {\n    "security.nesting" = each.value.on\n    "boot.autostart" = each.value.on\n  }\n}\n',
      },
    ],
    [
      "a profile's that another instance has",
      {
        "main.tf": `${profile}${member("a", "incus_profile.p.name")}${member("b", '"p"', '  type = "virtual-machine"\n')}`,
      },
    ],
    [
      "a profile's that a module has",
      {
        "main.tf": `${profile}${member("a", "incus_profile.p.name")}module "m" {\n  source = "./m"\n  with = incus_profile.p.name\n}\n`,
        "m/main.tf": 'variable "with" {}\n',
      },
    ],
    [
      "a profile's that every instance has",
      {
        "main.tf": `${profile.replace('"p"\n', '"default"\n')}${instance("a", '"false"').replace(/ {2}config[^}]*}\n/, "")}`,
      },
    ],
    [
      "a profile's of the module above",
      {
        "main.tf": `${profile}module "m" {\n  source = "./m"\n  with = incus_profile.p.name\n}\n`,
        "m/main.tf": `variable "with" {}\n${member("a", "var.with")}`,
      },
    ],
    [
      "its own, which another instance takes",
      {
        "main.tf": `${instance("a", '"true"')}resource "incus_instance" "b" {\n  name = "b"\n  type = "virtual-machine"\n  config = incus_instance.a.config\n}\n`,
      },
    ],
    [
      "what is handed to a module",
      {
        "main.tf": 'module "m" {\n  source = "./m"\n  nest = true\n}\n',
        "m/main.tf": `variable "nest" {}\n${instance("a", "var.nest")}`,
      },
    ],
    [
      "what a file may take that cannot be read whole",
      { "main.tf": variable + instance("a", "var.nest"), "broken.tf": "locals {\n  x = [\n}\n" },
    ],
    [
      "what the JSON beside it takes too",
      {
        "main.tf": variable + instance("a", "var.nest"),
        "more.tf.json": '{"output": {"x": {"value": "${var.nest}"}}}\n',
      },
    ],
  ])("is left alone where it is %s", async (_, files) => {
    const { files: after, left, said } = await mended(control, files);
    expect(after).toEqual(files);
    expect(left.length, said).toBeGreaterThan(0);
    expect(said).toMatch(
      /is used elsewhere too|over several things|handed on by the module|could be read|that says so, which others/,
    );
  });
});

describe("a text of others in a script", () => {
  const body = "${{ github.event.pull_request.body }}";
  it.each([
    `echo "${body}" | sh`,
    `echo "x ${body}" > $GITHUB_ENV`,
    `echo "${body}" | sudo bash -s`,
    `echo "x=${body}" >> "$GITHUB_OUTPUT"`,
  ])("is left alone where it is run or sets variables all the same: %s", async (run) => {
    await expectLeftAlone("supply-chain.script-injection-absent", {
      ".github/workflows/a.yml": `on: pull_request_target\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: ${run}\n`,
    });
  });
});

describe("one run", () => {
  it.each<readonly [string, string]>([
    [
      "what has an anchor that stops being shared",
      "services:\n  a: &a\n    image: nginx:1.27\n  b:\n    <<: *a\n    container_name: b\n",
    ],
    [
      "what has one of several",
      "services:\n  a: &a\n    image: nginx:1.27\n  b: &b\n    <<: *a\n    container_name: b\n  c:\n    <<: *b\n    container_name: c\n",
    ],
  ])("mends %s, all at once and as one patch", async (_, compose) => {
    const { said, left } = await mended("workload.pids-limited", { "compose.yaml": compose });
    expect(left, said).toEqual([]);
    expect(said).not.toContain("not mended");
  });
});
