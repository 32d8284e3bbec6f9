/**
 * Holds every control to its fixtures: the verdict is in the file's name, and what fails never passes once a fact that
 * it rests on cannot be resolved any more. How severe it is stands in `testing/fixture-severities.ts`.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Control } from "../contracts/control.ts";
import { severities, type VerdictKind } from "../contracts/verdict.ts";
import { System } from "../facts/system.ts";
import { loadComposeProject } from "../platforms/compose/load/load.ts";
import { readComposeProject } from "../platforms/compose/read.ts";
import { readPaths } from "../platforms/read-paths.ts";
import { ConfinedFiles } from "../repository/files.ts";
import { allControls } from "./registry.ts";
import { worstVerdict } from "./tally.ts";
import { fixtureSeverities, ringsHeldToSeverities } from "./testing/fixture-severities.ts";
import { everythingUnknown, variants } from "./testing/unresolvable.ts";

const controlsFolder = dirname(fileURLToPath(import.meta.url));

function fixturesOf(control: Control): { folder: string; files: string[] } {
  const folder = join(controlsFolder, control.ring, "fixtures", control.id);
  const files = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^(?:fail|pass|unknown|not-applicable)\./.test(name))
    : [];
  return { folder, files: files.sort() };
}

/**
 * A fixture is a module that exports a system, a Compose file, a file of any other format under its own name's ending, or
 * a folder, which is read as a repository is.
 */
async function load(folder: string, name: string): Promise<System> {
  const path = join(folder, name);
  if (name.endsWith(".ts")) {
    const { fixture } = (await import(path)) as { fixture: unknown };
    if (!(fixture instanceof System)) throw new Error(`${name} exports no system called "fixture".`);
    return fixture;
  }
  if (statSync(path).isDirectory() || !isCompose(path))
    return together(readPaths([path], { cwd: folder, now: today }).systems);
  const project = loadComposeProject(new ConfinedFiles(folder), [name], { name: "shop" });
  if (project instanceof Error) throw project;
  return readComposeProject(project);
}

/** The day on which every fixture is read, for what has dates. */
const today = new Date("2027-01-01T00:00:00Z");

function isCompose(path: string): boolean {
  return /\.ya?ml$/.test(path) && !/^apiVersion:/m.test(readFileSync(path, "utf8"));
}

/** Of a folder that holds several systems (a project, and files that belong to none) the first, with the others' subjects. */
function together(systems: readonly System[]): System {
  const [first, ...others] = systems;
  if (first === undefined) throw new Error("There is no system in the fixture.");
  if (others.length === 0) return first;
  const { name, lens, platform } = first;
  return new System({ name, lens, platform, subjects: systems.flatMap(({ subjects }) => subjects) });
}

/** The worst verdict of a control for each subject of its kind, by the subject's name. */
function verdicts(control: Control, system: System): Map<string, VerdictKind> {
  const found = new Map<string, VerdictKind>();
  for (const subject of system.all(control.on)) {
    const answer = control.check(subject, system);
    const judgements = Array.isArray(answer) ? answer : [answer];
    expect(judgements.length, `${control.id} must judge something`).toBeGreaterThan(0);
    found.set(subject.ref.name, worstVerdict(judgements));
  }
  return found;
}

/** How severe what a control finds in a system is, worst first. */
function severitiesFound(control: Control, system: System): string {
  const found = new Set(
    system.all(control.on).flatMap((subject) => {
      const answer = control.check(subject, system);
      const judgements = Array.isArray(answer) ? answer : [answer];
      return judgements.filter(({ verdict }) => verdict === "fail").map(({ severity }) => severity ?? control.severity);
    }),
  );
  return severities
    .filter((severity) => found.has(severity))
    .toReversed()
    .join(" ");
}

describe.each(allControls.map((control) => [control.id, control] as const))("%s", (_, control) => {
  const { folder, files } = fixturesOf(control);

  test("has fixtures that fail and fixtures that pass", () => {
    expect(files.filter((name) => name.startsWith("fail."))).not.toEqual([]);
    expect(files.filter((name) => name.startsWith("pass."))).not.toEqual([]);
  });

  test.each(files.filter((name) => name.startsWith("fail.")))("%s fails, and never passes unresolved", async (name) => {
    const system = await load(folder, name);
    const failing = [...verdicts(control, system)]
      .filter(([, verdict]) => verdict === "fail")
      .map(([subject]) => subject);
    expect(failing).not.toEqual([]);
    if (ringsHeldToSeverities.has(control.ring)) {
      const expected = fixtureSeverities[control.id]?.[name] ?? control.severity;
      expect(severitiesFound(control, system), "how severe (see testing/fixture-severities.ts)").toBe(expected);
    }
    const passed: string[] = [];
    for (const { what, system: changed } of [everythingUnknown(system), ...variants(system)]) {
      const now = verdicts(control, changed);
      for (const subject of failing) if (now.get(subject) === "pass") passed.push(`${subject} without ${what}`);
    }
    expect(passed).toEqual([]);
  });

  test.each(files.filter((name) => name.startsWith("pass.")))("%s passes", async (name) => {
    const found = [...verdicts(control, await load(folder, name)).values()];
    expect(found).toContain("pass");
    expect(found).not.toContain("fail");
    expect(found).not.toContain("unknown");
  });

  const undecided = files.filter((name) => name.startsWith("unknown."));
  test.skipIf(undecided.length === 0).each(undecided)("%s cannot be told", async (name) => {
    const found = [...verdicts(control, await load(folder, name)).values()];
    expect(found).toContain("unknown");
    expect(found).not.toContain("fail");
  });

  const beside = files.filter((name) => name.startsWith("not-applicable."));
  test.skipIf(beside.length === 0).each(beside)("%s is none of its business", async (name) => {
    const found = new Set(verdicts(control, await load(folder, name)).values());
    expect([...found]).toEqual(["not-applicable"]);
  });
});
