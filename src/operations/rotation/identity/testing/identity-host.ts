import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import type { ResolvedStack } from "../../../../contracts/resolved.ts";
import { ruleFor } from "../../../../formats/sops/document/encryption-rule.ts";
import { type SopsFormatName, sopsFormatOf } from "../../../../formats/sops/document/formats.ts";
import { AgeIdentities } from "../../../../formats/sops/document/identities.ts";
import { decryptSops, encryptSops } from "../../../../formats/sops/document/operations.ts";
import { runBytes } from "../../../../lib/child-bytes.ts";
import { childPrograms } from "../../../../lib/child-program.ts";
import { AgeStore } from "../../../../secrets/age-store.ts";
import { Secret } from "../../../../secrets/secret.ts";
import { StateFolder } from "../../../../state/state-folder.ts";
import { fakeStack } from "../../testing/fake-stack.ts";
import { MemoryLedger, MemoryRecords } from "../../testing/memory.ts";
import type { IdentityEngine } from "../identity-run.ts";

/** In memory where there is such a place: journals are synced to the disk line by line. */
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const context = { random: (count: number) => new Uint8Array(randomBytes(count)), now: () => new Date(2026, 10, 1) };

/** The plain texts of the SOPS files of a host, by path. */
export const plainFiles: Readonly<Record<string, string>> = {
  "secrets.sops.yaml": "# what the API needs\ndb-password: swordfish-in-yaml\nports: [1, 2]\n",
  "app/config.sops.json": '{\n\t"api-key": "swordfish-in-json"\n}\n',
  "app/prod.sops.env": "TOKEN=swordfish-in-dotenv\n",
  "app/legacy.sops.ini": "[main]\npassword = swordfish-in-ini\n",
  "app/blob.sops.bin": "swordfish-in-binary\0\n",
};

export const sopsRules = `# Who can read what.
creation_rules:
  # the API
  - path_regex: app/.*
    age: FORMER,OTHER # two of us
  - path_regex: \\.sops\\.yaml$
    key_groups:
      - age:
          - &main FORMER
          - OTHER
`;

/** A stack's folder in a working tree, with age files, SOPS files and rules; what outlives a process. */
export class IdentityHost {
  readonly folder: string;
  readonly state: StateFolder;
  readonly records = new MemoryRecords();
  readonly ledger = new MemoryLedger();
  readonly told: string[] = [];
  readonly stack: ResolvedStack;
  readonly values = new Map<string, string>();
  other = { identity: "", key: "" };
  former = { identity: "", key: "" };
  time = Date.UTC(2026, 10, 21);
  thawed = false;
  #pids = 5000;
  readonly #alive = new Set<number>();
  readonly #frozen: ((error: Error) => void)[] = [];

  constructor() {
    this.folder = mkdtempSync(join(parent, "ringwall-identity-"));
    this.state = new StateFolder(this.folder);
    this.stack = fakeStack([
      { name: "db-password", consumers: ["api"] },
      { name: "mail-password", consumers: ["api"] },
    ]);
  }

  static async make(
    options: { readonly git?: boolean; readonly sops?: readonly string[]; readonly age?: readonly string[] } = {},
  ): Promise<IdentityHost> {
    const host = new IdentityHost();
    if (options.git !== false) host.git("init", "-q");
    const store = new AgeStore(host.state.path);
    for (const name of options.age ?? ["db-password", "mail-password"]) {
      host.values.set(name, `first-${name}-${randomBytes(9).toString("hex")}`);
      await store.set(new Secret(name, host.values.get(name) ?? ""));
    }
    const other = await generateX25519Identity();
    host.other = { identity: other, key: await identityToRecipient(other) };
    const former = host.identitiesIn("identity")[0] ?? "";
    host.former = { identity: former, key: await identityToRecipient(former) };
    await store.setRecipients([
      { key: host.former.key, comment: "this host" },
      { key: host.other.key, comment: "a colleague" },
    ]);
    await store.reencrypt(new Date(host.time));
    for (const path of options.sops ?? Object.keys(plainFiles)) await host.encrypt(path, plainFiles[path] ?? "");
    host.write(".sops.yaml", sopsRules.replaceAll("FORMER", host.former.key).replaceAll("OTHER", host.other.key));
    if (options.git !== false) host.commitAll();
    return host;
  }

  /** Another host that stands as this one does. */
  copy(): IdentityHost {
    const host = new IdentityHost();
    cpSync(this.folder, host.folder, { recursive: true });
    host.other = this.other;
    host.former = this.former;
    for (const [name, value] of this.values) host.values.set(name, value);
    return host;
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.folder, path, ".."), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  async encrypt(path: string, content: string, keys = [this.former.key, this.other.key]): Promise<void> {
    this.write(path, await encryptSops({ path, format: formatOf(path), content }, ruleFor(keys), context));
    chmodSync(join(this.folder, path), 0o640);
  }

  git(...args: readonly string[]): string {
    const env = { PATH: process.env.PATH, HOME: this.folder, GIT_CONFIG_NOSYSTEM: "1" };
    const who = ["-c", "user.name=tester", "-c", "user.email=tester@example.org"];
    return execFileSync("git", [...who, ...args], { cwd: this.folder, env, encoding: "utf8" });
  }

  commitAll(): void {
    this.git("add", "-A");
    this.git("commit", "-q", "-m", "state");
  }

  /** Private keys of one of the identity's files, read as anybody would. */
  identitiesIn(name: string): readonly string[] {
    const path = join(this.state.path, name);
    return existsSync(path) ? (readFileSync(path, "utf8").match(/^AGE-SECRET-KEY-.+$/gm) ?? []) : [];
  }

  /** What some identities open, with what stands in it: by the name of the value or the file's path. */
  async opened(identities: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const given = await AgeIdentities.of([{ text: identities.join("\n"), shownAs: "test" }]);
    for (const path of sopsPaths(this.folder)) {
      const plain = await decryptSops({ path, format: formatOf(path), text: this.read(path) }, given).catch(
        () => undefined,
      );
      if (plain !== undefined) found.set(path, Buffer.from(plain.exposeBytes()).toString("utf8"));
    }
    for (const name of readdirSync(join(this.state.path, "secrets"))) {
      const decrypter = new Decrypter();
      for (const identity of identities) decrypter.addIdentity(identity);
      const bytes = readFileSync(join(this.state.path, "secrets", name));
      const value = await decrypter.decrypt(bytes, "text").catch(() => undefined);
      if (value !== undefined) found.set(name.replace(/\.age$/, ""), value);
    }
    return found;
  }

  /**
   * A process that works on this host; each record of its journal and each file that it has written is a point. At point
   * `dies` it stops for good.
   */
  process(options: { readonly dies?: number; readonly engine?: Partial<IdentityEngine> } = {}): IdentityProcess {
    const pid = this.#pids++;
    this.#alive.add(pid);
    return new IdentityProcess(this, pid, this.#alive, options, (reject) => this.#frozen.push(reject));
  }

  /** Lets frozen processes end, so that they give back their files; only when nothing is looked at any more. */
  thaw(): void {
    this.thawed = true;
    for (const reject of this.#frozen.splice(0)) reject(new Error("killed"));
  }
}

export class IdentityProcess {
  readonly engine: IdentityEngine;
  readonly died: Promise<"died">;
  points = 0;
  #onDeath: () => void = () => {};
  #dead = false;

  constructor(
    host: IdentityHost,
    pid: number,
    alive: Set<number>,
    options: { readonly dies?: number; readonly engine?: Partial<IdentityEngine> },
    freeze: (reject: (error: Error) => void) => void,
  ) {
    this.died = new Promise((resolve) => {
      this.#onDeath = () => resolve("died");
    });
    const point = async () => {
      if (host.thawed) throw new Error("killed");
      this.points++;
      if (!this.#dead && this.points !== options.dies) return;
      this.#dead = true;
      alive.delete(pid);
      this.#onDeath();
      await new Promise<never>((_resolve, reject) => freeze(reject));
    };
    this.engine = {
      stack: host.stack,
      stackFolder: host.folder,
      state: host.state,
      records: host.records,
      ledger: host.ledger,
      principal: { kind: "user", name: "tester", uid: 1000, host: "here" },
      digest: (_name, value) => `sha256:${createHash("sha256").update(`key ${value.expose()}`).digest("hex")}`,
      git: { run: runBytes, path: process.env.PATH ?? "" },
      surroundings: {
        run: childPrograms({}),
        processes: { self: pid, started: async (asked) => (alive.has(asked) ? `start-${asked}` : undefined) },
        now: () => new Date(host.time++),
        clock: () => host.time,
        random: (bytes) => randomBytes(bytes),
        sleep: async () => {},
        tell: (event) => void host.told.push(JSON.stringify(event)),
        afterAppend: point,
      },
      afterWrite: point,
      ...options.engine,
    };
  }
}

function formatOf(path: string): SopsFormatName {
  return sopsFormatOf(path);
}

function sopsPaths(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((path) => /\.sops\.[a-z]+$/.test(path) && !path.startsWith(".git")).sort();
}
