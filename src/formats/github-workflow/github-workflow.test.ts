import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { threadMs } from "../../../test/support/thread-time.ts";
import { describePlace, Source } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { environmentIn, expressionsIn, matrixNamesIn, untrustedIn } from "./expressions.ts";
import { readWorkflow } from "./read.ts";
import { actionUse } from "./uses.ts";

function read(text: string, path = ".github/workflows/ci.yml") {
  const source = new Source(path, text);
  const file: TextFile = { ok: true, path, text, source, mode: 0o644 };
  const { subjects, problems } = readWorkflow({ file, path, system: "workflows", lens: "written", platform: "files" });
  const [pipeline] = subjects.filter((subject) => subject.kind === "pipeline");
  return { subjects, problems, workflow: pipeline?.workflow };
}

const steps = (yaml: string) => `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n${yaml.replace(/^/gm, "      ")}\n`;

describe("A workflow", () => {
  test.each([
    ["on: push", ["push"]],
    ['"on": [push, pull_request]', ["push", "pull_request"]],
    ["on:\n  push:\n    tags: [v1]\n  schedule: [{ cron: '1 1 * * 1' }]", ["push", "schedule"]],
  ])("says what starts it: %j.", (on, events) => {
    const { workflow } = read(`${on}\njobs: {}\n`);
    expect(workflow?.triggers.items.map(({ name }) => name)).toEqual(events);
  });

  test("is neither a Compose file nor any other YAML with a list of jobs.", () => {
    expect(read("services: {}\n").subjects).toEqual([]);
    expect(read("jobs: [1]\n").subjects).toEqual([]);
    expect(read("runs: { using: node20 }\n").subjects).toEqual([]);
    expect(read("runs: { using: composite, steps: [] }\n", "action.yml").workflow?.kind).toBe("composite action");
  });

  test("gives the place of what stands in a block, to the column.", () => {
    const text = steps(
      "- run: |\n    set -e\n\n    curl -k https://e.org/x\n    echo ${{ github.event.head_commit.message }}",
    );
    const { workflow } = read(text);
    const command = workflow?.commands.items[0];
    const injection = workflow?.injections.items[0];
    expect(command === undefined ? "" : describePlace(command.place)).toBe(".github/workflows/ci.yml:9:11");
    expect(injection === undefined ? "" : describePlace(injection.place)).toBe(".github/workflows/ci.yml:10:16");
  });

  test("that is broken is said to be, and what could be read of it is.", () => {
    const { problems, workflow } = read("on: push\njobs:\n  a:\n    runs-on: [x\n");
    expect(problems.length).toBeGreaterThan(0);
    expect(workflow === undefined || !workflow.actions.complete).toBe(true);
  });

  test("names each image that its jobs work in.", () => {
    const { subjects } = read(
      "on: push\njobs:\n  a: { container: 'node:24', steps: [] }\n  b: { container: { image: '${{ x }}' } }\n",
    );
    const images = subjects.filter((subject) => subject.kind === "image");
    expect(images.map(({ ref, reference }) => [ref.name, reference.kind])).toEqual([
      [".github/workflows/ci.yml/a", "stated"],
      [".github/workflows/ci.yml/b", "unknown"],
    ]);
  });

  test("keeps secrets out of everything that is told of it.", () => {
    const value = "Zk39fmQ2xLw8";
    const { workflow } = read(
      `${steps(`- run: mysql --password=${value}\n  env: { X: "https://u:${value}@e.org" }`)}    container: { image: a, credentials: { password: ${value} } }\n`,
    );
    expect(workflow?.secrets.items.map(({ kind }) => kind)).toEqual(["literal", "literal"]);
    expect(workflow?.commands.items.map(({ kind }) => kind)).toEqual(["secret"]);
    expect(JSON.stringify(workflow)).not.toContain(value);
  });

  test("never makes reading throw, whatever is where.", () => {
    const node: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          null,
          true,
          1,
          "x",
          "${{ github.event.issue.title }}",
          "write-all",
          "inherit",
          "actions/checkout@v4",
          "pull_request_target",
        ),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            "on",
            "jobs",
            "steps",
            "uses",
            "run",
            "with",
            "env",
            "permissions",
            "runs-on",
            "container",
            "secrets",
            "if",
            "ref",
            "runs",
            "using",
          ),
          tie("node"),
          { maxKeys: 5 },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(node, node, (on, jobs) => {
        read(JSON.stringify({ on, jobs, name: on, permissions: jobs, env: on }));
      }),
      { numRuns: 300 },
    );
  });
});

describe("Expressions", () => {
  test.each([
    ["github.event.issue.title", ["github.event.issue.title"]],
    ["GITHUB.Event['issue'].title", ["github.event.issue.title"]],
    ["github.event.commits[0].author.name", ["github.event.commits.*.author.name"]],
    ["format('{0}', github.head_ref)", ["github.head_ref"]],
    ["github.event.pull_request.title || 'x'", ["github.event.pull_request.title"]],
    ["toJSON(github.event.pull_request)", ["github.event.pull_request"]],
    ["toJson(github)", ["github"]],
    ["contains(github.event.issue.title, 'x')", []],
    ["github.event.issue.title == 'x' && 1 || 2", []],
    ["github.head_ref != 'main'", []],
    ["github.event.pull_request.number", []],
    ["github.event.pull_request.head.sha", []],
    ["github.ref_name", []],
    ["inputs.title", []],
  ])("%s holds of others: %j.", (expression, expected) => {
    expect(untrustedIn(expression).map(({ context }) => context)).toEqual(expected);
  });

  test("are found where they stand, and an open one ends nothing.", () => {
    expect(expressionsIn("a ${{ b }} ${{c}} ${{ d").map(({ text, offset }) => [text, offset])).toEqual([
      [" b ", 2],
      ["c", 11],
    ]);
    expect(environmentIn("env.A && env['B_2'] && ENV.c")).toEqual(["A", "B_2", "c"]);
    expect(matrixNamesIn("Matrix.Title || MATRIX['x'] || matrix.os == 'a'")).toEqual(["title", "x"]);
  });

  test("take time that grows with their length alone.", () => {
    const started = threadMs();
    for (const piece of ["contains(", "a.", "github.event.", "'", "==", "['a']", "${{"]) {
      untrustedIn(piece.repeat(30_000));
      untrustedIn(`github ${piece.repeat(1_990 / piece.length)}`);
      expressionsIn(piece.repeat(100_000));
    }
    expect(threadMs() - started).toBeLessThan(1_000);
  });
});

describe("What a workflow makes", () => {
  const made = (yaml: string) => read(steps(yaml)).workflow;

  // covers: V1
  test.each([
    ["- uses: aquasecurity/trivy-action@v1", "Trivy"],
    ["- run: |\n    set -e\n    trivy image app:1", "Trivy"],
    ["- run: docker run --rm aquasec/trivy:0.70.0 fs .", "Trivy"],
    ["- uses: anchore/scan-action@v6", "Grype"],
    ["- run: docker scout cves app:1", "Docker Scout"],
  ])("is scanned by what %j names.", (yaml, scanner) => {
    expect(made(yaml)?.scans.items.map((scan) => scan.scanner)).toEqual([scanner]);
  });

  test.each([
    ["- uses: docker/build-push-action@v6\n  with: { push: true }", 1, 1],
    ["- uses: docker/build-push-action@v6\n  with: { push: '${{ github.event_name != 1 }}' }", 1, 0],
    ["- uses: docker/build-push-action@v6", 0, 0],
    ["- run: docker build -t a . && docker push a", 1, 1],
    ["- run: npm publish", 0, 1],
    ["- run: echo trivyal docker pushes", 0, 0],
  ])("%j builds %i images and publishes %i times.", (yaml, images, publications) => {
    const workflow = made(yaml);
    expect([workflow?.buildsImages.items.length, workflow?.publishes.items.length]).toEqual([images, publications]);
    expect(workflow?.scans.items).toEqual([]);
  });
});

describe("What is called", () => {
  const use = (value: string) =>
    actionUse({ kind: "scalar", value, place: { kind: "nowhere", why: "test" } }, "action");
  const hash = "a".repeat(40);

  // covers: V3
  test.each([
    [`actions/checkout@${hash}`, "actions/checkout", "commit"],
    ["actions/checkout@v6", "actions/checkout", "name"],
    ["Acme/Tool/sub/dir@main", "acme/tool", "name"],
    ["acme/tool", "acme/tool", "nothing"],
    [`acme/tool@${hash.slice(1)}`, "acme/tool", "name"],
    [`https://code.example.org/acme/tool@${hash}`, "acme/tool", "commit"],
    ["docker://ghcr.io/acme/tool:1.2", "ghcr.io/acme/tool", "name"],
    [`docker://alpine@sha256:${"b".repeat(64)}`, "alpine", "digest"],
    ["docker://alpine", "alpine", "nothing"],
  ])("%s is %s, named by %s.", (text, repository, pinnedBy) => {
    expect(use(text)).toMatchObject({ repository, pinnedBy });
  });

  test("What lies in the repository itself is not called by name.", () => {
    expect(use("./.github/actions/x")).toBeUndefined();
    expect(use("${{ matrix.action }}")).toBeUndefined();
  });
});

const schema = join(import.meta.dirname, "../../../../shared/schemas/github/github-workflow.json");

describe.skipIf(!existsSync(schema))("The workflows of this repository (needs ../shared/schemas)", () => {
  // covers: P6
  test("are what the schema of workflows asks for, and are read whole.", () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(
      JSON.parse(readFileSync(schema, "utf8")) as object,
    );
    for (const name of ["ci.yml", "release.yml"]) {
      const text = readFileSync(join(import.meta.dirname, "../../../.github/workflows", name), "utf8");
      expect(validate(parse(text)), name).toBe(true);
      expect(read(text).workflow?.actions.complete).toBe(true);
    }
  });
});

describe("Code of strangers", () => {
  const guardOf = (condition: string) =>
    read(
      `on: pull_request_target\njobs:\n  a:\n    if: ${JSON.stringify(condition)}\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v6\n        with: { ref: "\${{ github.event.pull_request.head.sha }}" }\n      - run: make\n`,
    ).workflow?.foreignCode.items.map(({ guard }) => guard);

  test.each([
    ["true", ["none"]],
    ["github.actor == 'dependabot[bot]'", ["none"]],
    ["github.actor == 'alice'", ["approval"]],
    ["contains(github.event.pull_request.labels.*.name, 'safe')", ["approval"]],
    ["github.event.pull_request.author_association == 'MEMBER'", ["approval"]],
    ["github.event.pull_request.head.repo.full_name == github.repository", []],
    ["github.event_name == 'push'", []],
    ["github.event_name == 'push' || contains(github.event.label.name, 'x')", ["approval"]],
    ["github.event_name == 'push' || github.event.action == 'opened'", ["none"]],
    ["github.event_name != 'pull_request_target' || github.event.pull_request.head.repo.fork == false", []],
    ["github.event.pull_request.head.repo.fork == false || github.actor == 'alice'", ["approval"]],
  ])("is kept out by %s: %j.", (condition, guards) => {
    expect(guardOf(condition)).toEqual(guards);
  });

  const artifacts = (...lines: readonly string[]) =>
    read(
      `on: {workflow_run: {workflows: [a]}}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - ${lines.join("\n      - ")}\n`,
    ).workflow?.foreignCode.items.map(({ runs, sets }) => sets ?? (runs ? "program" : "nothing"));
  const unpacked = (path: string) =>
    `{uses: dawidd6/action-download-artifact@v11, with: {run_id: "\${{ github.event.workflow_run.id }}", path: "${path}"}}`;

  test("is told of each artifact by the worst that later steps do with it, up to a checkout that empties its folder.", () => {
    const [one, two] = [unpacked("one"), unpacked("two")];
    const sets = 'run: cat one/v >> "$GITHUB_ENV"';
    expect(artifacts(one, two, sets, "run: cd one && ./x", one)).toEqual(["program"]);
    expect(artifacts(one, sets, one, "run: node two/x.js")).toEqual(["variables"]);
    expect(artifacts(one, "uses: actions/checkout@v6", "run: one/x", two, "run: sh two/x")).toEqual(["program"]);
    expect(artifacts(unpacked(""), "run: '/bin/x && $RUNNER_TEMP/x'", "run: ./x")).toEqual(["program"]);
  });

  test("is looked for in no more time than a workflow is long, however many artifacts there are.", () => {
    const many = (line: string) => Array.from({ length: 1_500 }, () => line);
    const started = threadMs();
    expect(artifacts(...many(unpacked("x")), ...many("run: echo a"), "run: x/a")).toHaveLength(1_500);
    // Less than a second; with every script read anew for each of them it was seven.
    expect(threadMs() - started).toBeLessThan(3_000);
  });
});
