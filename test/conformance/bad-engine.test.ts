import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";
import { type FakeAnswer, type FakeEngine, fakeEngine, versionAnswer } from "../support/fake-engine.ts";
import { contentOf, folderOf, putInto } from "../support/hostile-files.ts";

let folder: string;
beforeAll(() => {
  folder = folderOf({ "stack.yaml": 'name: shop\nservices:\n  web: { image: "nginx:1.29.1" }\n' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One command against an engine; what the folder holds must be the same afterwards. */
async function ringwall(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const before = contentOf(folder);
  const context = memoryContext({ cwd: folder, env: { HOME: "/nonexistent", PATH: "/nonexistent", ...env } });
  const code = await runCli(argv, context);
  expect(contentOf(folder)).toEqual(before);
  return { code, out: context.stdout.text(), err: context.stderr.text() };
}

const commands = [["plan"], ["up", "--yes"], ["down"], ["status"], ["probe"], ["check", "--live"]];

describe("an engine that is not there", () => {
  it.each(commands)("%s ends with 3, says where it was looked for and what to do", async (...argv) => {
    const { code, out, err } = await ringwall(argv, { DOCKER_HOST: "unix:///nonexistent/docker.sock" });
    expect(err).toBe(
      "ringwall: No container engine answers at /nonexistent/docker.sock (from DOCKER_HOST).\n" +
        "  Start it (`sudo systemctl start docker`), or name another with DOCKER_HOST or `docker context use`.\n",
    );
    expect({ code, out }).toEqual({ code: 3, out: "" });
  });

  it("keeps nobody from checking, rendering and asking the doctor", async () => {
    const away = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };
    expect((await ringwall(["check"], away)).code).toBeLessThan(2);
    const doctor = await ringwall(["doctor"], away);
    expect(doctor.code).toBe(0);
    expect(doctor.out).toContain("No container engine answers at /nonexistent/docker.sock");
  });

  it("is told from an address that is none, and from a context that nobody defined", async () => {
    const address = await ringwall(["plan"], { DOCKER_HOST: "nonsense" });
    expect(address.err).toContain('"nonsense" (from DOCKER_HOST) is no address of a container engine.');
    expect(address.code).toBe(2);
    const context = await ringwall(["plan"], { DOCKER_CONTEXT: "nope" });
    expect(context.err).toContain('The Docker context "nope" is not defined in /nonexistent/.docker.');
    expect(context.code).toBe(3);
  });
});

describe("an engine that fails", () => {
  const tooOld: FakeAnswer = { json: { Version: "18.09.1", ApiVersion: "1.39", MinAPIVersion: "1.12" } };
  const cases: readonly [title: string, answers: Readonly<Record<string, FakeAnswer>>, said: string][] = [
    [
      "is too old",
      { "/version": tooOld },
      "is too old: version 18.09.1, API 1.39.\n  Ringwall needs API 1.41 or newer",
    ],
    ["hangs up", { "/version": "hang-up" }, "it ended the connection in the middle of its answer."],
    ["stops in the middle of an answer", { "/version": "cut" }, "it ended the connection in the middle of its answer."],
    [
      "is no engine",
      { "/version": { text: "<html>Hello</html>" } },
      "its answer is not JSON; is that a container engine?",
    ],
    ["answers what no engine does", { "/version": { json: [] } }, "its answer is not what the Engine API promises"],
    ["fails", { "/version": { json: { message: "out of memory" }, status: 500 } }, "GET /version: 500, out of memory."],
    ["stops after its first answer", { "/version": versionAnswer, "/info": "hang-up" }, "failed to answer GET /"],
  ];
  it.each(cases)(
    "and %s is told by every command, which ends with 3",
    { timeout: 20_000 },
    async (_title, answers, said) => {
      const engine: FakeEngine = await fakeEngine({ "/containers/json": "hang-up", ...answers });
      try {
        for (const argv of commands) {
          const { code, err, out } = await ringwall(argv, { DOCKER_HOST: `unix://${engine.socket}` });
          expect(err, argv.join(" ")).toContain(said);
          expect(err).toMatch(/^ringwall: The engine at .*engine\.sock \(from DOCKER_HOST\) /);
          expect({ code, out }).toEqual({ code: 3, out: "" });
        }
        expect(engine.requests.every((request) => request.startsWith("GET "))).toBe(true);
      } finally {
        await engine.close();
      }
    },
  );
});

describe("`docker compose`", () => {
  const info = {
    json: { Name: "host", SecurityOptions: ["name=seccomp,profile=builtin"], DockerRootDir: "/var/lib/docker" },
  };
  const answers: Readonly<Record<string, FakeAnswer>> = {
    "/version": versionAnswer,
    "/info": info,
    "/containers/json": { json: [] },
    "/networks": { json: [] },
    "/volumes": { json: { Volumes: [] } },
    "/images/docker.io/library/nginx:1.29.1/json": { json: { message: "No such image" }, status: 404 },
  };
  let programs: string;
  beforeAll(() => {
    programs = folderOf({});
  });
  afterAll(() => rmSync(programs, { recursive: true, force: true }));

  /** What `plan` says with these programs alone in the PATH. */
  async function plan(script: string | undefined) {
    const engine = await fakeEngine(answers);
    const bin = join(programs, "bin");
    try {
      rmSync(bin, { recursive: true, force: true });
      putInto(programs, script === undefined ? { "bin/other": "" } : { "bin/docker": script });
      if (script !== undefined) chmodSync(join(bin, "docker"), 0o755);
      return await ringwall(["plan"], { DOCKER_HOST: `unix://${engine.socket}`, PATH: bin });
    } finally {
      await engine.close();
    }
  }

  it("that is not installed is said, with what to install", async () => {
    const { code, err } = await plan(undefined);
    expect(err).toContain(
      "ringwall: `docker compose` is not installed: `docker compose version` fails.\n  Install the",
    );
    expect(code).toBe(3);
    const withoutPlugIn = "#!/bin/sh\necho \"docker: 'compose' is not a docker command.\" >&2\nexit 1\n";
    expect((await plan(withoutPlugIn)).err).toBe(err);
  });

  it("that is too old is said, with the version that is needed", async () => {
    const { code, err } = await plan("#!/bin/sh\necho 2.11.2\n");
    expect(err).toBe("ringwall: `docker compose` 2.11.2 is too old.\n  Ringwall needs 2.20.0 or newer.\n");
    expect(code).toBe(3);
  });
});
