import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handingOver } from "./hand-over.ts";
import { memoryContext } from "./memory-context.ts";
import { runCli } from "./run.ts";

const isRoot = process.getuid?.() === 0;
const person = 4711;

describe.skipIf(!isRoot)(
  `what root leaves beside a stack of somebody else's${isRoot ? "" : " (skipped: needs root)"}`,
  () => {
    let folder: string;
    let elsewhere: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "ringwall-hand-over-"));
      elsewhere = mkdtempSync(join(tmpdir(), "ringwall-elsewhere-"));
      // With a digest, so that `pin` needs no registry.
      const image = `nginx:1.29.1@sha256:${"a".repeat(64)}`;
      const stack = `name: shop\nservices:\n  web: { image: "${image}", secrets: [key] }\nsecrets: { key: password }\n`;
      writeFileSync(join(folder, "stack.yaml"), stack);
      for (const path of ["", "stack.yaml"]) chownSync(join(folder, path), person, person);
    });
    afterEach(() => {
      for (const path of [folder, elsewhere]) rmSync(path, { recursive: true, force: true });
    });

    const owners = () =>
      new Set(
        readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => {
          const { uid, gid } = lstatSync(join(folder, path));
          return `${uid}:${gid}`;
        }),
      );

    it("belongs to whoever the stack's folder belongs to: rendered files, secrets, the lock", async () => {
      for (const argv of [["render"], ["secrets", "generate"], ["pin"]]) {
        await runCli(argv, memoryContext({ cwd: folder, env: { PATH: "/nonexistent" } }));
      }
      for (const path of ["rendered/compose/.env", ".ringwall/identity", "stack.lock"]) {
        expect(existsSync(join(folder, path)), path).toBe(true);
      }
      expect(owners()).toEqual(new Set([`${person}:${person}`]));
    });

    it("is handed over after a failure too", async () => {
      const failing = handingOver(folder, async () => {
        mkdirSync(join(folder, ".ringwall/journal"), { recursive: true });
        throw new Error("the engine stopped");
      });
      await expect(failing).rejects.toThrow("the engine stopped");
      expect(owners()).toEqual(new Set([`${person}:${person}`]));
    });

    it("is not what lies elsewhere: no link is followed, and no file with a second name is given away", async () => {
      const target = join(elsewhere, "target");
      writeFileSync(target, "root's");
      await handingOver(folder, async () => {
        mkdirSync(join(folder, "rendered"));
        symlinkSync(elsewhere, join(folder, "rendered/link"));
        symlinkSync(elsewhere, join(folder, ".ringwall"));
        linkSync(target, join(folder, "rendered/second-name"));
      });
      expect(lstatSync(join(folder, "rendered")).uid).toBe(person);
      expect(lstatSync(target).uid).toBe(0);
      expect(lstatSync(elsewhere).uid).toBe(0);
    });

    it("stays root's where the folder is root's, and files of a third person stay theirs", async () => {
      chownSync(folder, 0, 0);
      await handingOver(folder, async () => mkdirSync(join(folder, "rendered")));
      expect(lstatSync(join(folder, "rendered")).uid).toBe(0);
      chownSync(folder, person, person);
      chownSync(join(folder, "rendered"), 99, 99);
      await handingOver(folder, async () => {});
      expect(lstatSync(join(folder, "rendered")).uid).toBe(99);
    });
  },
);
