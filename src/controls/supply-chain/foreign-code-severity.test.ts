import { expect, test } from "vitest";
import { System } from "../../facts/system.ts";
import { readWorkflow } from "../../formats/github-workflow/read.ts";
import { Source } from "../../lib/place.ts";
import { Evaluator } from "../evaluate.ts";
import { ranked } from "../rank.ts";
import { actionsPinned } from "./supply-chain.actions-pinned.ts";
import { foreignCodeUnprivileged } from "./supply-chain.foreign-code-unprivileged.ts";

function systemOf(text: string, path = ".github/workflows/a.yml"): System {
  const file = { ok: true as const, path, text, source: new Source(path, text), mode: 0o644 };
  const { subjects } = readWorkflow({ file, path, system: "workflows", lens: "written", platform: "files" });
  return new System({ name: "workflows", lens: "written", platform: "files", subjects });
}

function judged(steps: string, { top = "", runner = "ubuntu-24.04", on = "pull_request_target", path = "" } = {}) {
  const ref = on === "workflow_run" ? "github.event.workflow_run.head_sha" : "github.event.pull_request.head.sha";
  const text = `on: ${on}\n${top}\njobs:\n  a:\n    runs-on: ${runner}\n    steps:\n      - uses: actions/checkout@v5\n        with: { ref: "\${{ ${ref} }}" }\n${steps}`;
  const system = systemOf(text, path === "" ? undefined : path);
  const [pipeline] = system.all("pipeline");
  if (pipeline === undefined) return [];
  return [foreignCodeUnprivileged.check(pipeline, system)].flat().map(({ severity, message }) => [severity, message]);
}

const build = "      - run: npm ci\n";
const reads = { top: "permissions: read-all" };

// covers: P6 V3 | files
test("Foreign code is as severe as what it can take: secrets, a token that writes, a runner of one's own.", () => {
  const secret = `      - run: npm ci\n        env: { A: "\${{ secrets.DEPLOY_TOKEN }}" }\n`;
  expect(judged(secret, reads)).toEqual([["critical", expect.stringContaining("with the secret DEPLOY_TOKEN")]]);
  expect(judged(build, { top: "permissions: { contents: write }" })).toEqual([
    ["critical", expect.stringContaining("with a token that writes contents")],
  ]);
  expect(judged(build, { ...reads, runner: "[self-hosted, linux]" })).toEqual([
    ["critical", expect.stringContaining("with a runner of your own")],
  ]);
  expect(judged(build, { path: ".forgejo/workflows/a.yml" })[0]?.[0]).toBe("critical");
});

test("Without any of that it is high where a setting decides about the token, and medium where the token only reads.", () => {
  expect(judged(build)).toEqual([["high", expect.stringContaining("the repository's setting decides")]]);
  expect(judged(build, reads)).toEqual([["medium", expect.stringContaining("with a token that reads")]]);
  expect(judged(build, { ...reads, on: "workflow_run" })[0]?.[0]).toBe("medium");
  expect(judged(build, { top: "permissions: write-all", on: "workflow_run" })[0]?.[0]).toBe("high");
});

test("A step that only prints runs nothing of it, and one that hands on what it printed does.", () => {
  const rights = { top: "permissions: write-all" };
  for (const harmless of ["echo done", "cat VERSION | head -1", 'if [ -f x ]; then echo "$(cat x)"; fi'])
    expect(judged(`      - run: ${JSON.stringify(harmless)}\n`, rights)[0]?.[0]).toBe("medium");
  for (const running of ["echo done && make", "./build.sh", 'echo "$(make)"', "$RUN", 'cat env >> "$GITHUB_ENV" "$x"'])
    expect(judged(`      - run: ${JSON.stringify(running)}\n`, rights)[0]?.[0]).toBe("critical");
  expect(judged("      - run: echo\n        shell: python\n", rights)[0]?.[0]).toBe("critical");
});

test("An action that follows a branch is told before those that are named by a version, and apart from them.", () => {
  const today = new Date("2027-01-01T00:00:00Z");
  const evaluator = new Evaluator([actionsPinned], { today, profile: "homelab", ownStack: false });
  evaluator.add(
    systemOf(
      "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: a/b@v1\n      - uses: c/d@main\n      - uses: e/f@v2\n",
    ),
  );
  const findings = ranked(evaluator.finish().findings);
  expect(findings.map(({ message, apart }) => [message.split(" ")[0], apart])).toEqual([
    ["c/d@main", "branch"],
    ["a/b@v1", undefined],
    ["e/f@v2", undefined],
  ]);
});
