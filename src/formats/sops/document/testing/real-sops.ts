import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import type { SopsFormatName } from "../formats.ts";
import { AgeIdentities } from "../identities.ts";
import type { SopsContext } from "../operations.ts";

/** The lab's `sops`, or undefined where the lab was not installed. */
export function realSops(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const cache = env.RINGWALL_LAB_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ringwall-lab");
  const path = join(cache, "bin", "sops");
  return existsSync(path) ? path : undefined;
}

export const extensions: Readonly<Record<SopsFormatName, string>> = {
  yaml: "yaml",
  json: "json",
  dotenv: "env",
  ini: "ini",
  binary: "txt",
};

export const systemContext: SopsContext = {
  random: (count) => new Uint8Array(randomBytes(count)),
  now: () => new Date(),
};

export interface Person {
  readonly identity: string;
  readonly recipient: string;
  readonly identities: AgeIdentities;
}

export async function newPerson(): Promise<Person> {
  const identity = await generateX25519Identity();
  const identities = await AgeIdentities.of([{ text: identity, shownAs: "identity" }]);
  return { identity, recipient: await identityToRecipient(identity), identities };
}

/** A folder in which the real program runs as one person. */
export class SopsFolder {
  readonly path = mkdtempSync(join(tmpdir(), "ringwall-real-sops-"));
  readonly #program: string;
  readonly #keys: string;

  constructor(program: string, person: Person) {
    this.#program = program;
    this.#keys = join(this.path, "keys.txt");
    writeFileSync(this.#keys, `${person.identity}\n`, { mode: 0o600 });
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.path, name), content);
    return name;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  /** What it prints. Throws with what it says when it fails. */
  run(...args: readonly string[]): string {
    return this.runBytes(...args).toString("utf8");
  }

  runBytes(...args: readonly string[]): Buffer {
    const env = { PATH: process.env.PATH, HOME: this.path, SOPS_AGE_KEY_FILE: this.#keys };
    try {
      return execFileSync(this.#program, args, { cwd: this.path, env, stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      const said = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
      throw new Error(`sops ${args.join(" ")}: ${said}`, { cause: error });
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What YAML 1.1 takes for the end of a line, as escapes. */
export function withoutOldBreaks(text: string): string {
  return text.replace(/[\u0085\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
