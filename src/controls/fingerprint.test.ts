import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readPaths } from "../platforms/read-paths.ts";
import { evaluate } from "./evaluate.ts";
import { flatFindings } from "./known-findings.ts";
import { allControls } from "./registry.ts";

// covers: G2 | compose kubernetes | real: Compose-Examples, home-ops, Pod Security fixtures

const corpus = join(import.meta.dirname, "../../../shared/corpus");
const work = mkdtempSync(join(tmpdir(), "ringwall-fingerprint-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function fingerprintsOf(folder: string): readonly string[] {
  const { systems } = readPaths(["."], { cwd: folder });
  const { findings } = evaluate(systems, allControls, {
    today: new Date("2026-01-01"),
    profile: "homelab",
    ownStack: false,
  });
  return flatFindings(findings)
    .map(({ control, fingerprint }) => `${control} ${fingerprint}`)
    .toSorted();
}

/** Every line lower, and comments and empty lines between those at the left margin. */
function moved(text: string): string {
  const lines = text.split("\n").flatMap((line) => (/^[a-z]\w*:/.test(line) ? ["", "# moved down", line] : [line]));
  return `# a new first line\n\n${lines.join("\n")}\n# a new last line\n`;
}

describe.skipIf(!existsSync(corpus))("fingerprints (skipped without the corpora)", () => {
  test.each(["compose/examples", "pss/restricted/v1.37/fail", "home-ops/kubernetes"])(
    "stay as they are when lines of %s move and comments come",
    (name) => {
      const folder = join(work, name.replaceAll("/", "-"));
      cpSync(join(corpus, name), folder, { recursive: true });
      const before = fingerprintsOf(folder);
      expect(before.length).toBeGreaterThan(100);
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.ya?ml$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        writeFileSync(path, moved(readFileSync(path, "utf8")));
      }
      expect(fingerprintsOf(folder)).toEqual(before);
    },
  );
});
