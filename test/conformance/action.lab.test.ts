/** What runs Ringwall in other people's pipelines: valid as their services ask it, pinned, and safe with what it is given. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

// covers: G2 | compose

const root = join(import.meta.dirname, "../..");
const schemas = join(root, "../shared/schemas");
const read = (path: string): unknown => parse(readFileSync(join(root, path), "utf8"));

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

const action = read("action.yml") as Action;

function valid(schema: string, value: unknown): void {
  const ajv = new Ajv({ strict: false });
  const load = (name: string): object => JSON.parse(readFileSync(join(schemas, name), "utf8"));
  const validate = ajv.compile(load(schema));
  expect(validate(value), ajv.errorsText(validate.errors)).toBe(true);
}

describe("action.yml", () => {
  it.skipIf(!existsSync(schemas))("is an action (skipped where the schemas are not there)", () => {
    valid("github/github-action.json", action);
  });

  it("installs the version that it belongs to, and names other actions by commit", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(action.inputs.version?.default).toBe(version);
    for (const { uses } of action.runs.steps)
      if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/);
  });

  it("lets no input into the text of a script", () => {
    for (const { run = "" } of action.runs.steps) expect(run).not.toContain("${{");
  });
});

describe(".pre-commit-hooks.yaml", () => {
  it.skipIf(!existsSync(schemas))("is a list of hooks (skipped where the schemas are not there)", () => {
    valid("pre-commit/pre-commit-hooks.json", read(".pre-commit-hooks.yaml"));
  });

  it("judges the whole repository, and runs commands that there are", () => {
    const hooks = read(".pre-commit-hooks.yaml") as readonly { entry: string; pass_filenames: boolean }[];
    expect(hooks.map(({ entry }) => entry)).toEqual(["ringwall check --since HEAD", "ringwall check"]);
    expect(hooks.every(({ pass_filenames }) => pass_filenames === false)).toBe(true);
  });
});

const bash = spawnSync("bash", ["--version"]).status === 0;

describe.skipIf(!bash)("the steps of the action (skipped without bash)", () => {
  let folder: string;
  let temp: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-action-"));
    temp = mkdtempSync(join(tmpdir(), "ringwall-runner-"));
    const bin = join(temp, "ringwall/node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "ringwall"), `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/ringwall.js" "$@"\n`);
    chmodSync(join(bin, "ringwall"), 0o755);
    git("init", "-q", "-b", "main");
  });
  afterEach(() => {
    for (const each of [folder, temp]) rmSync(each, { recursive: true, force: true });
  });

  function git(...args: readonly string[]): string {
    const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    return execFileSync("git", [...who, ...args], { cwd: folder, stdio: "pipe", encoding: "utf8" }).trim();
  }

  function put(path: string, text: string): void {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  function commit(): string {
    git("add", "-A");
    git("commit", "-q", "-m", "x");
    return git("rev-parse", "HEAD");
  }

  /** Runs a step as the runner does, with the defaults of the inputs. */
  function run(name: "install" | "check", given: Readonly<Record<string, string>>) {
    const step = action.runs.steps.filter((each) => each.run !== undefined)[name === "install" ? 0 : 1];
    const outputs = join(temp, "outputs");
    writeFileSync(outputs, "");
    const env = Object.fromEntries(
      Object.entries(step?.env ?? {}).map(([key, expression]) => [key, given[key] ?? evaluated(expression)]),
    );
    const result = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? ""], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH, GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: join(temp, "summary.md"), ...env },
    });
    return { ...result, outputs: readFileSync(outputs, "utf8") };
  }

  function evaluated(expression: string): string {
    return expression
      .replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => String(action.inputs[name]?.default ?? ""))
      .replace("${{ runner.temp }}", temp)
      .replace("${{ github.event.pull_request.base.sha }}", "");
  }

  const privileged = 'services:\n  app:\n    image: x:1\n    privileged: true\n    ports: ["80:80"]\n';

  it("annotate, fail with the code of the check, and leave reports and a summary", () => {
    put("stacks/compose.yaml", privileged);
    const { status, stdout, stderr, outputs } = run("check", { PATHS: "stacks" });
    expect(stderr).toBe("");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=stacks\/compose\.yaml,line=2,/m);
    expect(outputs).toMatch(/^findings=[1-9]\d*$/m);
    expect(
      JSON.parse(readFileSync(/^sarif=(.*)$/m.exec(outputs)?.[1] ?? "", "utf8")).runs[0].results.length,
    ).toBeGreaterThan(5);
    expect(readFileSync(join(temp, "summary.md"), "utf8")).toContain("### Ringwall: ");
  });

  it("tell of a pull request only what it brings, and keep everything for code scanning", () => {
    put("compose.yaml", privileged);
    const base = commit();
    put("compose.yaml", `${privileged}    ipc: host\n`);
    commit();
    const { stdout, outputs } = run("check", { BASE_SHA: base });
    expect(stdout).toContain("workload.host-ipc-hidden");
    expect(stdout).not.toContain("workload.memory-limited");
    const sarif = readFileSync(/^sarif=(.*)$/m.exec(outputs)?.[1] ?? "", "utf8");
    expect(sarif).toContain("workload.memory-limited");
  });

  it("fetch a branch that a shallow clone does not have", () => {
    put("compose.yaml", privileged);
    commit();
    git("checkout", "-q", "-b", "change");
    put("compose.yaml", `${privileged}    ipc: host\n`);
    commit();
    const upstream = folder;
    folder = mkdtempSync(join(tmpdir(), "ringwall-shallow-"));
    git("clone", "-q", "--depth=1", "--branch=change", `file://${upstream}`, ".");
    const { stdout, stderr, status } = run("check", { SINCE: "main" });
    rmSync(upstream, { recursive: true, force: true });
    expect(stderr).toBe("");
    expect(status).toBe(1);
    expect(stdout).toContain("workload.host-ipc-hidden");
    expect(stdout).not.toContain("workload.memory-limited");
  });

  it("take an input for what it is: no option, no command", () => {
    put("compose.yaml", privileged);
    const proof = join(temp, "proof");
    const hostile = `$(touch ${proof})\`touch ${proof}\`; touch ${proof}`;
    const given = { PATHS: hostile, PROFILE: hostile, FAIL_ON: hostile, BASELINE: hostile };
    expect(run("check", given).status).toBe(2);
    expect(run("check", { SINCE: hostile, PATHS: "--live" }).stderr).toMatch(/--live is not there\.[\s\S]*no revision/);
    expect(run("check", { SINCE: "--upload-pack=touch" }).status).toBe(2);
    for (const VERSION of [hostile, "../evil", "latest", "1.2.3 --registry=http://x"]) {
      expect(run("install", { VERSION }).status, VERSION).toBe(2);
    }
    expect(existsSync(proof)).toBe(false);
  });
});
