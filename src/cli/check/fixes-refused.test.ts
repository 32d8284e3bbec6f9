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
