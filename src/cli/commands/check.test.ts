import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

const privileged = `services:
  app:
    image: example/app:1.2.3
    ports: ["127.0.0.1:8080:80"]
    privileged: true
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-check-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function check(...argv: readonly string[]) {
  return checkWith({}, ...argv);
}

async function checkWith(given: Parameters<typeof memoryContext>[0], ...argv: readonly string[]) {
  const context = memoryContext({ cwd: folder, ...given });
  const code = await runCli(["check", ...argv], context);
  return { code, stdout: context.stdout.text(), stderr: context.stderr.text() };
}

interface Report {
  readonly summary: Readonly<Record<string, number>>;
  readonly findings: readonly {
    readonly control: string;
    readonly verdict: string;
    readonly severity: string;
    readonly file: string;
    readonly line: number;
    readonly waiver: { readonly reason: string } | null;
  }[];
}

function parsed(text: string): Report {
  return JSON.parse(text);
}

describe("ringwall check", () => {
  it("ends with 1 and names control, file, line and column when something high is found", async () => {
    put("compose.yaml", privileged);
    const { code, stdout, stderr } = await check();
    expect(code).toBe(1);
    expect(stdout).toContain("compose.yaml:5:17  workload.privileged-off");
    expect(stderr).toBe("");
  });

  it("ends with 0 when nothing is at or above --fail-on, though something lower is found", async () => {
    put("compose.yaml", privileged.replace("    privileged: true\n", "").replace("8080:80", "127.0.0.1:8080:80"));
    const { code, stdout } = await check("--fail-on", "critical");
    expect(code).toBe(0);
    expect(stdout).toContain("None at or above critical.");
  });

  it("ends with 2 and a sentence when what was named is not there, or there is nothing to check", async () => {
    const missing = await check("nowhere");
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/^ringwall: nowhere is not there\.\n/);
    symlinkSync("circle", join(folder, "circle"));
    const circle = await check("circle");
    expect([circle.code, circle.stderr.split("\n")[0]]).toEqual([2, "ringwall: circle is not there."]);
    rmSync(join(folder, "circle"));
    const empty = await check(".");
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain("nothing to check");
    expect(empty.stdout).toBe("");
  });

  it("ends with 2 when the only file is no YAML, binary, or a folder named compose.yaml", async () => {
    put("tabs/compose.yaml", "services:\n\tapp: {}\n");
    put("binary/compose.yaml", "\u0000\u0001");
    mkdirSync(join(folder, "folder/compose.yaml"), { recursive: true });
    for (const path of ["tabs", "binary", "folder"]) {
      const { code, stderr } = await check(path);
      expect(code, path).toBe(2);
      expect(stderr, path).toMatch(/^ringwall: .+\.\n/);
      expect(stderr).not.toContain("internal error");
    }
  });

  it("reports one unreadable file among others as a finding of `input`, and judges the rest", async () => {
    put("good/compose.yaml", privileged);
    put("bad/compose.yaml", "services: [\n");
    const { code, stdout } = await check("--format", "json");
    const { findings } = parsed(stdout);
    expect(code).toBe(1);
    expect(findings.find((finding) => finding.control === "input")).toMatchObject({
      verdict: "unknown",
      severity: "high",
      file: "bad/compose.yaml",
    });
    expect(findings.some((finding) => finding.control === "workload.privileged-off")).toBe(true);
  });

  it("waives by a comment and by the exceptions file, and not by an exception that has ended", async () => {
    const comment = "privileged: true # ringwall-ignore workload.privileged-off: reads block devices, until 2027-01-01";
    put("compose.yaml", privileged.replace("privileged: true", comment));
    const byComment = parsed((await check("--format", "json")).stdout);
    const find = (report: Report) => report.findings.find((each) => each.control === "workload.privileged-off");
    expect(find(byComment)?.waiver).toMatchObject({ reason: "reads block devices" });

    put("compose.yaml", privileged);
    const entry = "- control: workload.privileged-off\n  subject: app\n  reason: needed\n  owner: ops\n";
    put("ringwall.exceptions.yaml", `${entry}  until: 2027-01-01\n`);
    expect(find(parsed((await check("--format", "json")).stdout))?.waiver).toMatchObject({ reason: "needed" });

    put("ringwall.exceptions.yaml", `${entry}  until: 2025-01-01\n`);
    const ended = parsed((await check("--format", "json")).stdout);
    expect(find(ended)?.waiver).toBe(null);
    expect(ended.findings.some((each) => each.control === "governance.exception-valid")).toBe(true);
  });

  it("says where an exceptions file is wrong, and waives nothing by it", async () => {
    put("compose.yaml", privileged);
    put("ringwall.exceptions.yaml", "- control: workload.privileged-off\n  reson: typo\n");
    const { findings } = parsed((await check("--format", "json")).stdout);
    expect(findings.find((each) => each.control === "input")).toMatchObject({
      file: "ringwall.exceptions.yaml",
      line: 2,
    });
    expect(findings.find((each) => each.control === "workload.privileged-off")?.waiver).toBe(null);
  });

  it("counts what cannot be told under the profile strict, and not otherwise", async () => {
    const text = privileged.replace("privileged: true", "privileged: ${PRIVILEGED:?}");
    put("compose.yaml", text.replace("8080:80", "127.0.0.1:8080:80"));
    const loose = parsed((await check("--format", "json")).stdout).findings;
    expect(loose.find((each) => each.control === "workload.privileged-off")).toMatchObject({ verdict: "unknown" });
    expect((await check("--profile", "strict", "--fail-on", "medium")).code).toBe(1);
  });

  it("writes several reports at once, each in the format of its ending, whole", async () => {
    put("compose.yaml", privileged);
    const reports = ["a.json", "a.sarif", "a.xml", "a.html", "a.md", "a.txt"];
    const { code } = await check(...reports.flatMap((name) => ["--report", name]));
    expect(code).toBe(1);
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    expect(parsed(read("a.json")).findings.length).toBeGreaterThan(0);
    expect(JSON.parse(read("a.sarif")).version).toBe("2.1.0");
    expect(read("a.xml")).toContain("<testsuites");
    expect(read("a.html")).toContain("</html>");
    expect(read("a.md")).toContain("### Ringwall");
    expect(read("a.txt")).toContain("workload.privileged-off");
    expect(readdirSync(folder).sort()).toEqual([...reports, "compose.yaml"].sort());
  });

  it("refuses with --live what asks for files, and says what it has no answer for", async () => {
    for (const [more, asked] of [
      [["stacks"], "paths"],
      [["--rendered", "-"], "`--rendered`"],
      [["--history"], "`--history`"],
    ] as const) {
      const { code, stderr } = await check("--live", ...more);
      expect(code).toBe(2);
      expect(stderr).toContain(`\`--live\` judges the engine and takes no ${asked}.`);
    }
  });

  it("says which options have no effect beside or without another", async () => {
    put("compose.yaml", privileged);
    const { stderr } = await check("--dry-run", "--format", "json", "--threats", "--project", "shop");
    expect(stderr).toContain("`--format json` has no effect with `--dry-run`, which shows a patch;");
    expect(stderr).toContain("`--threats` has no effect with `--dry-run`");
    expect(stderr).toContain("`--project` has no effect without `--live`.");
    expect((await check("--fix", "--yes")).stderr).not.toContain("has no effect");
    expect((await check("--yes")).stderr).toContain("`--yes` has no effect without `--fix`.");
  });

  it("names files from where it runs, in what CI servers read, also those outside of it", async () => {
    put("stacks/compose.yaml", privileged);
    put("ci/notes.txt", "x\n");
    const paths = async (cwd: string, named: string) => {
      const { stdout } = await checkWith({ cwd }, named, "--format", "gitlab");
      const found: { location: { path: string } }[] = JSON.parse(stdout);
      return [...new Set(found.map(({ location }) => location.path))];
    };
    expect(await paths(folder, "stacks")).toEqual(["stacks/compose.yaml"]);
    expect(await paths(folder, join(folder, "stacks"))).toEqual(["stacks/compose.yaml"]);
    expect(await paths(join(folder, "ci"), "../stacks")).toEqual(["../stacks/compose.yaml"]);
    expect(await paths(join(folder, "stacks"), ".")).toEqual(["compose.yaml"]);
  });

  it("refuses an ending that says no format, before it reads anything", async () => {
    const { code, stderr } = await check("nowhere", "--report", "report.pdf");
    expect(code).toBe(2);
    expect(stderr).toContain("The ending of report.pdf does not say which format is wanted.");
  });

  it("ends with 3 when a report cannot be written, and writes the others", async () => {
    put("compose.yaml", privileged);
    const { code, stderr } = await check("--output", "missing/report.txt", "--report", "a.json");
    expect(code).toBe(3);
    expect(stderr).toContain("missing/report.txt");
    expect(readdirSync(folder).sort()).toEqual(["a.json", "compose.yaml"]);
  });

  it("writes through a link, and to a device without putting a file in its place", async () => {
    put("compose.yaml", privileged);
    put("real.json", "old");
    symlinkSync("real.json", join(folder, "link.json"));
    expect((await check("--report", "link.json")).code).toBe(1);
    expect(lstatSync(join(folder, "link.json")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "real.json"), "utf8")).toContain("workload.privileged-off");
    expect((await check("--output", "/dev/null")).code).toBe(1);
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("keeps the report on stdout free of colour unless it is a terminal", async () => {
    put("compose.yaml", privileged);
    expect((await check()).stdout).not.toContain("\u001b[");
    expect((await checkWith({ isTTY: true, columns: 80 })).stdout).toContain("\u001b[");
    expect((await checkWith({ isTTY: true, columns: 80, env: { NO_COLOR: "1" } })).stdout).not.toContain("\u001b[");
  });

  it("says where the time went on stderr when asked", async () => {
    put("compose.yaml", privileged);
    const { stderr } = await check("--timings");
    for (const phase of ["find", "read", "parse", "facts", "controls", "report", "total"]) {
      expect(stderr).toMatch(new RegExp(`^${phase} `, "m"));
    }
  });

  it.skipIf(process.getuid?.() === 0)("says that a file may not be read (skipped as root)", async () => {
    put("compose.yaml", privileged);
    chmodSync(join(folder, "compose.yaml"), 0o000);
    const { code, stderr } = await check("compose.yaml");
    expect(code).toBe(2);
    expect(stderr).toContain("no permission");
  });

  it("passes no secret value on, in any format", async () => {
    put(
      "compose.yaml",
      `${privileged}    environment:\n      DB_PASSWORD: zebra-Quartz-7741\n      API_TOKEN: "zebra-Quartz-7741"\n`,
    );
    const reports = ["a.json", "a.sarif", "a.xml", "a.html", "a.md", "a.txt"];
    const { stdout, stderr } = await check("--all", ...reports.flatMap((name) => ["--report", name]));
    const everything = [stdout, stderr, ...reports.map((name) => readFileSync(join(folder, name), "utf8"))];
    expect(everything.join("")).toContain("DB_PASSWORD");
    for (const text of everything) expect(text).not.toContain("zebra-Quartz");
  });
});
