import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { toPlain } from "../../src/formats/tree.ts";
import { RingwallError } from "../../src/lib/error.ts";
import { loadComposeProject } from "../../src/platforms/compose/load/load.ts";
import type { ComposeProject } from "../../src/platforms/compose/project.ts";
import { ConfinedFiles } from "../../src/repository/files.ts";
import {
  accepted,
  dotenvs,
  type ProjectCase,
  refused,
  scalars,
  templates,
  variableScalars,
} from "./compose-config.cases.ts";
import {
  asPrinted,
  composeConfig,
  differences,
  findCompose,
  oracleEnvironment,
  oracleHome,
  type Printed,
} from "./compose-config.ts";
import { makeTable, schemaIsThere, tableFile } from "./compose-schema.ts";

/** Compose prints real paths, so that a link to the corpus is followed first. */
const corpus = realPathOf(join(import.meta.dirname, "../../../shared/corpus"));
const program = findCompose();
const noProgram = "docker compose is not installed here: test/lab/install.sh gets it";
const work = mkdtempSync(join(tmpdir(), "ringwall-oracle-"));
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  rmSync(oracleHome, { recursive: true, force: true });
});

/** Known differences: the file, and why they are right or harmless. */
const known: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "compose-config.differences.json"), "utf8"),
);

function load(root: string, files: readonly string[]): ComposeProject | RingwallError {
  return loadComposeProject(new ConfinedFiles(root), files, {
    base: root,
    home: oracleHome,
    environment: new Map(Object.entries(oracleEnvironment)),
  });
}

/** Runs the real program, two at a time. */
const queue: (() => void)[] = [];
let running = 0;
async function real(cwd: string, files: readonly string[]): Promise<Printed> {
  if (running >= 2) await new Promise<void>((resolve) => queue.push(resolve));
  running++;
  try {
    return await composeConfig(program ?? "", cwd, files);
  } finally {
    running--;
    queue.shift()?.();
  }
}

/** What differs between Ringwall and the real program; empty when they agree. */
async function compared(root: string, files: readonly string[]): Promise<string[]> {
  const folder = dirname(files[0] ?? "");
  const printed = await real(
    join(root, folder),
    files.map((file) => (folder === "." ? file : basename(file))),
  );
  const loaded = load(root, files);
  if (loaded instanceof RingwallError) return printed.ok ? [`refused: ${loaded.describe()}`] : [];
  if (!printed.ok) return loaded.problems.length > 0 ? [] : [`accepted, where Compose says: ${printed.refusal}`];
  const errors = loaded.problems.filter(({ severity }) => severity === "error");
  return [
    ...errors.map(({ message }) => `refused: ${message}`),
    ...differences(asPrinted(toPlain(loaded.root)), printed.model),
  ];
}

let made = 0;
function put({ files }: Pick<ProjectCase, "files">): string {
  const root = join(work, `case-${made++}`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

function composeFilesOf(folder: string): string[] {
  try {
    return readdirSync(join(corpus, folder), { recursive: true })
      .map(String)
      .filter((path) => /\.ya?ml$/.test(path))
      .sort();
  } catch {
    return [];
  }
}

describe.skipIf(program === undefined)(
  `the real docker compose config (${program === undefined ? noProgram : "present"})`,
  () => {
    for (const folder of ["compose", "compose-go"]) {
      const files = composeFilesOf(folder);
      test.skipIf(files.length === 0)(
        `sees what Ringwall loads of every file of corpus/${folder} (skipped without ../shared/corpus)`,
        async () => {
          const found = await Promise.all(
            files.map(async (file) => [`${folder}/${file}`, await compared(join(corpus, folder), [file])] as const),
          );
          const different = Object.fromEntries(
            found.filter(([file, list]) => list.length > 0 && known[file] === undefined),
          );
          expect(different).toEqual({});
          expect(found.length).toBeGreaterThan(30);
        },
      );
    }

    test("prints every accepted case as Ringwall loads it", async () => {
      const found = await Promise.all(
        accepted.map(async (each) => [each.title, await outcome(each, "accepted")] as const),
      );
      expect(
        Object.fromEntries(found.filter(([title, list]) => list.length > 0 && known[title] === undefined)),
      ).toEqual({});
    });

    test("refuses every case that Ringwall finds a problem in", async () => {
      const found = await Promise.all(
        refused.map(async (each) => [each.title, await outcome(each, "refused")] as const),
      );
      expect(
        Object.fromEntries(found.filter(([title, list]) => list.length > 0 && known[title] === undefined)),
      ).toEqual({});
    });

    async function outcome(each: ProjectCase, wanted: "accepted" | "refused"): Promise<string[]> {
      const root = put(each);
      const files = each.use ?? ["compose.yaml"];
      const printed = await real(root, files);
      if (printed.ok !== (wanted === "accepted"))
        return [printed.ok ? "Compose accepts it" : `Compose refuses it: ${printed.refusal}`];
      return compared(root, files);
    }

    test("takes every scalar for what Ringwall takes it", async () => {
      const typed = scalars.map((scalar, index) => `  s${index}: ${scalar}`).join("\n");
      const variables = [...scalars, ...variableScalars]
        .map((scalar, index) => `      V${index}: ${scalar}`)
        .join("\n");
      const text = `x-scalars:\n${typed}\nservices:\n  a:\n    image: x\n    environment:\n${variables}\n`;
      expect(await compared(put({ files: { "compose.yaml": text } }), ["compose.yaml"])).toEqual([]);
    });

    test("replaces every template as Ringwall does", async () => {
      const lines = templates.map((template, index) => `  t${index}: ${JSON.stringify(template)}`).join("\n");
      const files = {
        "compose.yaml": `x-t:\n${lines}\nservices:\n  a: {image: x}\n`,
        ".env": "S=set\nE=\nN=nested:${S}\nQ='$S'\n",
      };
      expect(await compared(put({ files }), ["compose.yaml"])).toEqual([]);
    });

    test("reads every env file as Ringwall does", async () => {
      const services = dotenvs.map(
        (_, index) => `  s${index}:\n    image: x\n    env_file: ${index}.env\n    environment: {SET_BY_SERVICE: own}`,
      );
      const files = Object.fromEntries(dotenvs.map((text, index) => [`${index}.env`, text]));
      const root = put({
        files: { ...files, ".env": "PROJECT=project\n", "compose.yaml": `services:\n${services.join("\n")}\n` },
      });
      expect(await compared(root, ["compose.yaml"])).toEqual([]);
    });
  },
);

describe("the table of Compose's schema", () => {
  test.skipIf(!schemaIsThere())(
    "is what its generator makes of compose-go's schema (skipped without ../shared/schemas)",
    () => {
      expect(readFileSync(tableFile, "utf8")).toBe(makeTable());
    },
  );
});

function realPathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
