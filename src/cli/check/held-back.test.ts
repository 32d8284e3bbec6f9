import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: G2 | compose

const privileged = `services:
  app:
    image: example/app:1.2.3
    privileged: true
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-held-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function git(...args: readonly string[]): void {
  const environment = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  execFileSync("git", [...who, ...args], { cwd: folder, env: environment, stdio: "pipe" });
}

function commit(): void {
  git("add", "-A");
  git("commit", "-q", "-m", "x");
}

interface Report {
  readonly summary: Readonly<Record<string, number>>;
  readonly findings: readonly {
    readonly control: string;
    readonly subject: string;
    readonly counts: boolean;
    readonly waiver: unknown;
    readonly includes: readonly { readonly control: string; readonly change?: string }[];
  }[];
  readonly heldBack?: {
    readonly baseline: { readonly inForce: boolean; readonly gone: readonly { readonly control: string }[] } | null;
    readonly since: { readonly gone: number; readonly exceptionsNotInForce: readonly { reason: string }[] } | null;
  };
}

async function check(...argv: readonly string[]) {
  const context = memoryContext({ cwd: folder, env: { PATH: process.env.PATH ?? "" } });
  const code = await runCli(["check", ...argv, "--format", "json"], context);
  const text = context.stdout.text();
  const report: Report = text === "" ? { summary: {}, findings: [] } : JSON.parse(text);
  return { code, ...report, stderr: context.stderr.text() };
}

async function textOf(...argv: readonly string[]): Promise<string> {
  const context = memoryContext({ cwd: folder, env: { PATH: process.env.PATH ?? "" } });
  await runCli(["check", ...argv], context);
  return context.stdout.text();
}

const controlsIn = ({ findings }: Report) => findings.map(({ control }) => control);

describe("a baseline", () => {
  it("passes over what was there when it was written, and ends with 0", async () => {
    put("compose.yaml", privileged);
    const written = await check("--write-baseline", "ringwall.baseline.json");
    expect(written).toMatchObject({ code: 0, findings: [] });
    const later = await check("--baseline", "ringwall.baseline.json");
    expect(later).toMatchObject({ code: 0, findings: [] });
    expect(later.summary.baselined).toBeGreaterThan(5);
    expect(later.summary.failed).toBeGreaterThan(5);
    expect((await check("--fail-on", "medium")).code).toBe(1);
    expect((await check("--fail-on", "medium", "--baseline", "ringwall.baseline.json")).code).toBe(0);
  });

  it("can be read by a person: one finding a line, with control, subject and message, in a steady order", async () => {
    put("compose.yaml", privileged);
    await check("--write-baseline", "b.json");
    const text = readFileSync(join(folder, "b.json"), "utf8");
    const lines = text.split("\n").filter((line) => line.startsWith("    {"));
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^ {4}\{"control":"workload\.privileged-off","severity":"medium","subject":"container [^"]*\/app","message":"privileged is true","fingerprint":"[0-9a-f]{16}"\},?$/,
      ),
    );
    expect(lines.map((line) => line.replace(/,$/, ""))).toEqual(lines.map((line) => line.replace(/,$/, "")).toSorted());
    put("compose.yaml", `# moved\n\n${privileged.replace("services:", "services: # here")}`);
    await check("--write-baseline", "b.json");
    expect(readFileSync(join(folder, "b.json"), "utf8")).toBe(text);
  });

  it("tells what came since, and what got worse", async () => {
    put("compose.yaml", privileged);
    await check("--write-baseline", "b.json");
    put("compose.yaml", `${privileged}    ports: ["8080:80"]\n`);
    const { code, ...report } = await check("--baseline", "b.json");
    expect(code).toBe(1);
    expect(controlsIn(report)).toContain("network.only-proxy-publishes");
    expect(JSON.stringify(report.findings)).toContain("workload.privileged-off");
  });

  it("says what of it is gone, and shrinks by that and grows by nothing", async () => {
    put("compose.yaml", privileged);
    await check("--write-baseline", "b.json");
    put("compose.yaml", `${privileged.replace("    privileged: true\n", "")}    pid: host\n`);
    const later = await check("--baseline", "b.json");
    expect(later.heldBack?.baseline?.gone.map(({ control }) => control)).toContain("workload.privileged-off");
    expect(controlsIn(later)).toContain("workload.host-processes-hidden");
    expect(await textOf("--baseline", "b.json")).toMatch(
      /findings? in it (?:is|are) gone: `--baseline b\.json --write-baseline b\.json` takes (?:it|them) out\./,
    );
    await check("--baseline", "b.json", "--write-baseline", "b.json");
    const text = readFileSync(join(folder, "b.json"), "utf8");
    expect(text).not.toContain("workload.privileged-off");
    expect(text).not.toContain("workload.host-processes-hidden");
    expect(text).toContain("workload.memory-limited");
  });

  it("keeps accepted risks out, and what they are is told as ever", async () => {
    put("compose.yaml", privileged.replace("true", "true # ringwall-ignore workload.privileged-off: reads disks"));
    await check("--write-baseline", "b.json");
    expect(readFileSync(join(folder, "b.json"), "utf8")).not.toContain("privileged-off");
    expect((await check("--baseline", "b.json")).findings).toMatchObject([{ control: "workload.privileged-off" }]);
  });

  it.each([
    ["{", "it is no JSON"],
    ["{\n<<<<<<< HEAD\n=======\n>>>>>>> main\n}", "a merge left its marks in it"],
    ['{"version": 2, "findings": []}', "its `version` is not 1"],
    ['{"version": 1}', "its `findings` are no list"],
    [
      '{"version": 1, "findings": [{"severity": "high", "fingerprint": "x"}]}',
      "its `fingerprint` is not made of 16 digits",
    ],
    ['{"version": 1, "findings": [null]}', "its `severity` is none of info, low, medium, high, critical"],
  ])("that is none is refused, and nothing is taken for known: %s", async (text, why) => {
    put("compose.yaml", privileged);
    put("b.json", text);
    const { code, stderr } = await check("--baseline", "b.json");
    expect(code).toBe(2);
    expect(stderr).toContain(`is no baseline: ${why}.`);
  });

  it("that is not there is said, with what writes it", async () => {
    put("compose.yaml", privileged);
    const { code, stderr } = await check("--baseline", "nope.json");
    expect(code).toBe(2);
    expect(stderr).toContain("nope.json is not there.");
  });
});

describe("--since", () => {
  beforeEach(() => {
    git("init", "-q", "-b", "main");
    put("compose.yaml", privileged);
    commit();
  });

  it("tells nothing where nothing changed, and only what a change brings where something did", async () => {
    const same = await check("--since", "main");
    expect(same).toMatchObject({ code: 0, findings: [] });
    expect(same.summary.unchanged).toBeGreaterThan(5);
    put("compose.yaml", `# a comment\n${privileged}    ipc: host\n`);
    const { code, ...report } = await check("--since", "main", "--fail-on", "medium");
    expect(code).toBe(1);
    expect(controlsIn(report)).toContain("workload.host-ipc-hidden");
    expect(controlsIn(report)).not.toContain("workload.privileged-off");
    expect(controlsIn(report)).not.toContain("workload.memory-limited");
    expect(await textOf("--since", "main")).toMatch(
      /Only what is new since main is told: \d+ findings were there before/,
    );
  });

  it("tells again what a change makes worse", async () => {
    // The host's processes in view make of a privileged container a step to the host.
    put("compose.yaml", `${privileged}    pid: host\n`);
    expect(controlsIn(await check("--since", "main"))).toContain("workload.privileged-off");
  });

  it("tells what is in files that are new, staged or not, and says what is gone", async () => {
    put("compose.yaml", privileged.replace("    privileged: true\n", ""));
    put("more/compose.yaml", privileged);
    const report = await check("--since", "HEAD");
    expect(report.findings.map(({ subject }) => subject)).toContain("container more/app");
    expect(report.heldBack?.since?.gone).toBeGreaterThan(0);
  });

  it("judges a folder or a file within the repository alike", async () => {
    put("stacks/a/compose.yaml", privileged);
    commit();
    put("stacks/a/compose.yaml", `${privileged}    pid: host\n`);
    for (const path of ["stacks", "stacks/a/compose.yaml"]) {
      expect(controlsIn(await check(path, "--since", "main")), path).toContain("workload.host-processes-hidden");
      expect(controlsIn(await check(path, "--since", "main")), path).not.toContain("workload.memory-limited");
    }
  });

  it("does not let a change accept its own faults: such an exception is told, and holds once it is merged", async () => {
    const own = "    pid: host # ringwall-ignore workload.host-processes-hidden: reads processes, until 2027-01-01\n";
    put("compose.yaml", privileged + own);
    put("ringwall.exceptions.yaml", "- control: workload.host-ipc-hidden\n  reason: shared memory\n  owner: ops\n");
    const report = await check("--since", "main", "--fail-on", "medium");
    expect(report.code).toBe(1);
    const found = report.findings.find(({ control }) => control === "workload.host-processes-hidden");
    expect(found).toMatchObject({ counts: true, waiver: null });
    expect(report.heldBack?.since?.exceptionsNotInForce.map(({ reason }) => reason).toSorted()).toEqual([
      "reads processes",
      "shared memory",
    ]);
    expect(await textOf("--since", "main")).toContain("Exceptions that this change adds, which hold once it is merged");
    commit();
    const merged = await check("--since", "main");
    expect(merged.heldBack?.since?.exceptionsNotInForce).toEqual([]);
    expect(merged.findings.map(({ control }) => control)).toEqual(["workload.host-processes-hidden"]);
    expect(merged.code).toBe(0);
  });

  it("tells nothing as new where a change brings the file that --exceptions names", async () => {
    put("accepted.yaml", "- control: workload.privileged-off\n  reason: reads block devices\n");
    const report = await check("--since", "main", "--exceptions", "accepted.yaml");
    expect(report).toMatchObject({ code: 0, findings: [] });
    expect(report.heldBack?.since?.exceptionsNotInForce).toMatchObject([{ reason: "reads block devices" }]);
    expect((await check("--since", "main", "--exceptions", "none.yaml")).stderr).toContain("none.yaml is not there.");
  });

  it("takes a baseline and a profile from the revision too", async () => {
    await check("--write-baseline", "b.json");
    put("lax.yaml", "controls: {workload.host-processes-hidden: off}\n");
    put("compose.yaml", `${privileged}    pid: host\n`);
    const report = await check("--since", "main", "--baseline", "b.json", "--fail-on", "medium");
    expect(report.heldBack?.baseline?.inForce).toBe(false);
    expect(report.code).toBe(1);
    const lax = await check("--since", "main", "--profile", "lax.yaml");
    expect(lax.code).toBe(2);
    expect(lax.stderr).toContain("lax.yaml is not there in main: it comes with the change itself.");
    expect((await check("--since", "main", "--profile", "none.yaml")).stderr).toContain("none.yaml is not there.");
    git("add", "lax.yaml");
    git("commit", "-q", "-m", "x");
    expect(
      (await check("--since", "main", "--profile", "lax.yaml")).findings.map(({ control }) => control),
    ).not.toContain("workload.host-processes-hidden");
  });

  it("leaves as they are files that Git ignores, which no change brings", async () => {
    put(".gitignore", ".env\n");
    put("compose.yaml", `${privileged}    user: "\${UID_OF_APP}"\n`);
    commit();
    put(".env", "UID_OF_APP=0\nDB_PASSWORD=hunter2hunter2xK9q\n");
    expect(await check("--since", "HEAD")).toMatchObject({ code: 0, findings: [] });
    put(".gitignore", "\n");
    expect(controlsIn(await check("--since", "HEAD"))).toContain("secrets.file-ignored");
  });

  it("mends with --fix only what a change brings", async () => {
    put("more/compose.yaml", privileged);
    await check("--since", "main", "--fix", "--yes");
    expect(readFileSync(join(folder, "compose.yaml"), "utf8")).toBe(privileged);
    expect(readFileSync(join(folder, "more/compose.yaml"), "utf8")).toContain("pids_limit: 2048");
  });

  it("ends with 2 and a sentence for a revision that is not there, a folder without Git, and an engine", async () => {
    const unknown = await check("--since", "nope");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('This clone has no revision "nope".');
    expect((await check("--since", "main", "--live")).stderr).toContain("an engine has no earlier revision");
    expect((await check("--since", "main", "--history")).stderr).toContain("Search the history in a run of its own.");
    const outside = mkdtempSync(join(tmpdir(), "ringwall-no-git-"));
    writeFileSync(join(outside, "compose.yaml"), privileged);
    const without = await check(outside, "--since", "main");
    expect(without.stderr).toContain("lies in no Git repository");
    rmSync(outside, { recursive: true });
  });
});

describe("what comes to a chain that was known", () => {
  const dozzle = (more: string, ports = '"9999:8080"', volumes = "") =>
    `services: {dozzle: {image: "amir20/dozzle:v8.11", volumes: ["/var/run/docker.sock:/var/run/docker.sock"${volumes}], ports: [${ports}]${more}}}\n`;
  const changed = ({ findings }: Pick<Report, "findings">) =>
    findings
      .flatMap(({ control, includes }) => (control === "workload.exposure-contained" ? includes : []))
      .flatMap(({ control, change }) => (change === undefined ? [] : [`${change} ${control}`]));

  it.each([
    ["another port", dozzle("", '"9999:8080", "9998:8080"'), "new identity.admin-interface-unpublished"],
    ["privileged", dozzle(", privileged: true"), "new workload.privileged-off"],
    ["the host's files", dozzle("", undefined, ', "/:/host"'), "new workload.host-paths-unmounted"],
    ["the host's processes", dozzle(", pid: host, user: root"), "new workload.host-processes-hidden"],
  ])("is told with the chain, and which part is new: %s", async (_, text, part) => {
    git("init", "-q", "-b", "main");
    put("compose.yaml", dozzle(""));
    commit();
    await check("--write-baseline", "b.json");
    expect(await check("--baseline", "b.json")).toMatchObject({ code: 0, findings: [] });
    put("compose.yaml", text);
    for (const options of [
      ["--baseline", "b.json"],
      ["--since", "main"],
    ]) {
      const report = await check(...options);
      expect(report.code, options[0]).toBe(1);
      expect(changed(report), options[0]).toContain(part);
      expect(changed(report), options[0]).not.toContain("new workload.engine-socket-unmounted");
      expect(await textOf(...options)).toMatch(/^ +(?:with {4})?new: .*$/m);
      expect(await textOf(...options, "--format", "sarif")).toContain(`new: ${part.slice(4)}: `);
    }
    await check("--baseline", "b.json", "--write-baseline", "b.json");
    expect(controlsIn(await check("--baseline", "b.json"))).toContain("workload.exposure-contained");
    await check("--write-baseline", "b.json");
    expect((await check("--baseline", "b.json")).findings).toEqual([]);
  });

  it("is told where the socket was known and the door is new, and nothing is marked where all is", async () => {
    put("compose.yaml", dozzle("", ""));
    await check("--write-baseline", "b.json");
    put("compose.yaml", dozzle(""));
    const door = await check("--baseline", "b.json");
    expect(controlsIn(door)).toContain("workload.exposure-contained");
    expect(changed(door)).toContain("new identity.admin-interface-unpublished");
    expect(changed(door)).not.toContain("new workload.engine-socket-unmounted");
    put("b.json", '{"version": 1, "findings": []}');
    const whole = await check("--baseline", "b.json");
    expect(controlsIn(whole)).toContain("workload.exposure-contained");
    expect(changed(whole)).toEqual([]);
  });

  it("is not said to have got worse where the baseline alone knew it as less, and the revision as it is", async () => {
    git("init", "-q", "-b", "main");
    put("compose.yaml", dozzle(""));
    await check("--write-baseline", "b.json");
    put("b.json", readFileSync(join(folder, "b.json"), "utf8").replace(/"(?:critical|high|medium)"/g, '"low"'));
    commit();
    put("compose.yaml", dozzle("", '"9999:8080", "9998:8080"'));
    const marked = async (...options: readonly string[]) => {
      const { findings } = await check("--baseline", "b.json", ...options);
      const chains = findings.filter(({ control }) => control === "workload.exposure-contained");
      return chains.map((chain) => "change" in chain);
    };
    expect(await marked()).toEqual([true]);
    expect(await marked("--since", "main")).toEqual([false]);
  });

  it("is mended, and what was known of the chain stays as it is", async () => {
    put("compose.yaml", dozzle(""));
    await check("--write-baseline", "b.json");
    put("compose.yaml", dozzle("", '"9999:8080", "9998:8080"'));
    await check("--baseline", "b.json", "--fix-only", "identity.admin-interface-unpublished", "--yes");
    const text = readFileSync(join(folder, "compose.yaml"), "utf8");
    expect(text).toContain('"127.0.0.1:9998:8080"');
    expect(text).toContain('"9999:8080"');
  });

  it("is not told where a part went", async () => {
    put("compose.yaml", dozzle(", privileged: true"));
    await check("--write-baseline", "b.json");
    put("compose.yaml", dozzle(""));
    expect(controlsIn(await check("--baseline", "b.json"))).not.toContain("workload.exposure-contained");
  });
});

describe("--profile", () => {
  it("takes a file, which says what is not asked, and a report says so", async () => {
    put("compose.yaml", privileged);
    put("mine.yaml", "failOn: critical\ncontrols:\n  workload.privileged-off: off\n  workload.cpu-limited: medium\n");
    const { code, ...report } = await check("--profile", "mine.yaml");
    expect(code).toBe(0);
    expect(controlsIn(report)).not.toContain("workload.privileged-off");
    expect(JSON.stringify(report)).toContain("The profile mine does not ask workload.privileged-off.");
    expect((await check("--profile", "mine.yaml", "--fail-on", "medium")).code).toBe(1);
  });

  it("refuses a file with mistakes, one by one, and a name that is none", async () => {
    put("compose.yaml", privileged);
    put("mine.yaml", "failon: critical\ncontrols:\n  workload.privileged: off\n");
    const wrong = await check("--profile", "mine.yaml");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('mine.yaml:1:1: A profile has no field "failon". Did you mean "failOn"?');
    expect(wrong.stderr).toContain('mine.yaml:3:3: There is no control "workload.privileged".');
    const unknown = await check("--profile", "stict");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('There is no profile "stict". Did you mean "strict"?');
  });
});

describe("a baseline that cannot be written", () => {
  it("ends with 3, says why, and holds nothing back from the report", async () => {
    put("compose.yaml", privileged);
    const { code, findings, stderr, heldBack } = await check(".", "--write-baseline", "nowhere/known.json");
    expect(code).toBe(3);
    expect(stderr).toContain("nowhere/known.json cannot be written: its folder does not exist.");
    expect(findings.map(({ control }) => control)).toContain("workload.privileged-off");
    expect(heldBack).toBeUndefined();
  });
});

describe("a known finding whose severity rose", () => {
  it("is marked with both severities in the text, in Markdown and in JSON", async () => {
    const service = (ports: string) =>
      `services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: changeme\n${ports}`;
    put("compose.yaml", service(""));
    await check(".", "--write-baseline", "known.json");
    put("compose.yaml", service('    ports: ["5432:5432"]\n'));
    const { findings } = await check(".", "--baseline", "known.json");
    const marked = findings.filter((each) => "change" in each);
    expect(marked).toMatchObject([
      { control: "secrets.value-strong", severity: "critical", change: "worse", knownAs: "medium" },
    ]);
    const said = async (format: string) => {
      const context = memoryContext({ cwd: folder });
      await runCli(["check", ".", "--baseline", "known.json", "--format", format], context);
      return context.stdout.text();
    };
    expect((await said("text")).match(/known as \w+, now \w+/g)).toEqual(["known as MEDIUM, now CRITICAL"]);
    expect((await said("markdown")).match(/\(known as \w+, now \w+\)/g)).toEqual(["(known as MEDIUM, now CRITICAL)"]);
  });
});
