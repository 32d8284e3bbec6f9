import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: P6 | kubernetes

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-rendered-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pod = (name: string) => `---
# Source: app/templates/pod.yaml
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  containers:
    - name: app
      image: app:1
      securityContext:
        privileged: true
`;

async function check(argv: readonly string[], input?: string) {
  const context = memoryContext({ cwd: folder, ...(input === undefined ? {} : { input }) });
  const code = await runCli(["check", "--format", "json", ...argv], context);
  const out = context.stdout.text();
  const findings: readonly { control: string; file: string; line: number; waiver: { owner: string } | null }[] =
    out === "" ? [] : JSON.parse(out).findings;
  return { code, findings, said: context.stderr.text() };
}

const privileged = (findings: Awaited<ReturnType<typeof check>>["findings"]) =>
  findings.filter(({ control }) => control === "workload.privileged-off").map(({ file, line }) => `${file}:${line}`);

describe("ringwall check --rendered", () => {
  it("judges what is piped into it beside the files of the folder", async () => {
    writeFileSync(join(folder, "pod.yaml"), pod("own"));
    const { code, findings } = await check([".", "--fail-on", "low", "--rendered", "-"], pod("made"));
    expect(code).toBe(1);
    expect(privileged(findings)).toEqual(["pod.yaml:12", "standard input:12"]);
  });

  it("takes files too, each once, and a folder without anything else", async () => {
    writeFileSync(join(folder, "out.txt"), pod("made"));
    writeFileSync(join(folder, "second.txt"), `${pod("a")}${pod("b")}`);
    const { findings } = await check(["--rendered", "out.txt", "--rendered", "second.txt", "--rendered", "out.txt"]);
    expect(privileged(findings)).toEqual(["out.txt:12", "second.txt:12", "second.txt:24"]);
  });

  it("keeps an exception that stands in the text", async () => {
    const comment = "# ringwall-ignore workload.privileged-off: it drives the hardware, owner me, until 2027-01-01";
    const { findings } = await check(
      ["--rendered", "-"],
      pod("made").replace("privileged: true", `privileged: true ${comment}`),
    );
    const found = findings.filter(({ control }) => control === "workload.privileged-off");
    expect(found.map(({ waiver }) => waiver?.owner)).toEqual(["me"]);
  });

  it.each([
    ["a file that is not there", ["--rendered", "gone.yaml"], undefined, "gone.yaml is not there."],
    ["a text without objects", ["--rendered", "-"], "a: 1\n", "standard input holds no Kubernetes object."],
    ["nothing", ["--rendered", "-"], "", "standard input holds no Kubernetes object."],
    ["no YAML", ["--rendered", "-"], "apiVersion: v1\nkind: [\n", "standard input:3:1: A `[` is never closed."],
  ])("ends with 2 and a sentence for %s", async (_title, argv, input, sentence) => {
    const { code, said } = await check(argv, input);
    expect(code).toBe(2);
    expect(said).toContain(sentence);
  });

  it("is one problem among others where the folder holds something", async () => {
    writeFileSync(join(folder, "pod.yaml"), pod("own"));
    const { code, findings } = await check([".", "--rendered", "-"], "a: 1\n");
    expect(code).toBe(1);
    expect(findings.map(({ control }) => control)).toContain("input");
  });
});
