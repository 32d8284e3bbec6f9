import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, writeFileAtomic } from "../lib/atomic-write.ts";
import { RingwallError } from "../lib/error.ts";

/** The paths of what Ringwall keeps beside a stack, in `.ringwall/` (0700). */
export class StateFolder {
  readonly path: string;

  constructor(stackFolder: string) {
    this.path = join(stackFolder, ".ringwall");
  }

  get journals(): string {
    return join(this.path, "journal");
  }

  get lock(): string {
    return join(this.path, "lock");
  }

  get applied(): string {
    return join(this.path, "applied.json");
  }

  /** Makes the folder, private and ignored by Git. Refuses a link or a folder that others can write. */
  async prepare(): Promise<void> {
    await makeFolder(this.path, 0o700);
    const found = await lstat(this.path);
    if (!found.isDirectory()) {
      throw new RingwallError("conflict", `${this.path} is not a folder.`, {
        hint: "Ringwall keeps its state there: move what is in its place away.",
      });
    }
    if ((found.mode & 0o022) !== 0) {
      throw new RingwallError("permission", `Others than its owner can write to ${this.path}.`, {
        hint: `Run \`chmod 700 ${this.path}\` after making sure that nobody has put anything there.`,
      });
    }
    await makeFolder(this.journals, 0o700);
    const ignore = join(this.path, ".gitignore");
    const written = await readFile(ignore, "utf8").catch(() => undefined);
    if (written?.split("\n").includes("*") !== true) await writeFileAtomic(ignore, "*\n", { mode: 0o600 });
  }
}
