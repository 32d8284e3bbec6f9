import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { labProgram } from "../../src/components/testing/stack.ts";
import { inParallel } from "../../src/lib/in-parallel.ts";
import { differences, kustomize, made } from "./kustomize.ts";

// covers: P6 | kubernetes | real: kubectl kustomize 5.7.1, onedr0p/home-ops

const program = labProgram("kubectl", process.env);
const noProgram = "kubectl is not installed here: test/lab/install.sh gets it";
const cases = join(import.meta.dirname, "kustomize-cases");
const corpus = join(import.meta.dirname, "../../../shared/corpus/home-ops");

/** Known differences: the folder, and why they are right or harmless. */
const known: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "kustomize.differences.json"), "utf8"),
);

/** What differs between Ringwall and the real program; empty when they agree, also in refusing. */
async function compared(root: string, folder: string): Promise<readonly string[]> {
  const printed = await kustomize(program ?? "", join(root, folder));
  const { objects, errors } = made(root, folder);
  if (!printed.ok) return errors.length > 0 ? [] : [`accepted, where kustomize says: ${printed.refusal}`];
  return [...errors.map((message) => `refused: ${message}`), ...differences(objects, printed.objects)];
}

/** The folders below a root that hold a kustomization. */
function kustomizationsIn(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true }).map(String);
  return files
    .flatMap((file) => (/(?:^|\/)kustomization\.ya?ml$/.test(file) ? [file.replace(/\/?[^/]*$/, "")] : []))
    .sort();
}

describe.skipIf(program === undefined)(`kubectl kustomize (${program === undefined ? noProgram : "present"})`, () => {
  test("makes of every case what Ringwall makes of it, and refuses what Ringwall finds fault with.", async () => {
    const names = readdirSync(cases).sort();
    expect(names.length).toBeGreaterThan(40);
    const found = await inParallel(names, 2, async (name) => {
      const folder = existsSync(join(cases, name, "overlay")) ? "overlay" : "";
      return [name, await compared(join(cases, name), folder)] as const;
    });
    expect(found.filter(([, differing]) => differing.length > 0)).toEqual([]);
    const refused = names.filter((name) => name.startsWith("refused-"));
    expect(
      refused.filter(
        (name) =>
          made(join(cases, name), existsSync(join(cases, name, "overlay")) ? "overlay" : "").errors.length === 0,
      ),
    ).toEqual([]);
  });

  const folders = kustomizationsIn(corpus);
  test.skipIf(folders.length === 0)(
    "makes of every kustomization of a living cluster what Ringwall makes of it (skipped without ../shared/corpus).",
    async () => {
      const root = realpathSync(corpus);
      const found = await inParallel(
        folders,
        2,
        async (folder) => [`home-ops/${folder}`, await compared(root, folder)] as const,
      );
      const differing = found.filter(([, differing]) => differing.length > 0);
      expect(differing.filter(([folder]) => known[folder] === undefined)).toEqual([]);
      expect(Object.keys(known).sort()).toEqual(differing.map(([folder]) => folder).sort());
    },
  );
});
