/**
 * How long it takes to let somebody into many SOPS files and to take somebody out, beside `sops` on the same files in the
 * same run.
 *
 *     node bench/sops.ts [--files N] [--values N] [--no-peer]
 *
 * The goal: 1,000 files for a new recipient in under 20 s. Taking somebody out makes a new data key for each file, so that
 * every value is encrypted anew; `sops updatekeys` keeps the data key, so that beside it stands `sops rotate` as well.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, homedir, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { ruleFor } from "../src/formats/sops/document/encryption-rule.ts";
import { AgeIdentities } from "../src/formats/sops/document/identities.ts";
import { decryptSops, encryptSops, type SopsContext } from "../src/formats/sops/document/operations.ts";
import { SopsEditor } from "../src/stores/sops/sops-editor.ts";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "1000" },
    values: { type: "string", default: "12" },
    "no-peer": { type: "boolean", default: false },
  },
});
const count = Number(values.files);
const limitSeconds = 20;
const context: SopsContext = { random: (size) => new Uint8Array(randomBytes(size)), now: () => new Date() };
const scratch = mkdtempSync(join(tmpdir(), "ringwall-bench-sops-"));
try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

interface Person {
  readonly identity: string;
  readonly recipient: string;
}

async function person(): Promise<Person> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

async function main(): Promise<void> {
  const [owner, friend] = [await person(), await person()];
  const identities = await AgeIdentities.of([{ text: owner.identity, shownAs: "owner" }]);
  const keys = join(scratch, "keys.txt");
  writeFileSync(keys, `${owner.identity}\n`, { mode: 0o600 });
  const names = Array.from({ length: count }, (_, at) => `secret-${at}.sops.yaml`);
  const folder = join(scratch, "ours");
  await writeFiles(folder, names, owner);
  const peer = join(scratch, "theirs");
  execFileSync("cp", ["-r", folder, peer]);
  console.log(`${count} files of ${values.values} values, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  console.log(`${"".padEnd(44)}${"seconds".padStart(10)}${"cpu s".padStart(10)}${"files/s".padStart(10)}`);
  const both = ruleFor([owner.recipient, friend.recipient]);
  const added = await timed("ringwall: a recipient more", () => update(folder, names, both, keys));
  const alone = ruleFor([owner.recipient]);
  await timed("ringwall: one less, and a new data key", () => update(folder, names, alone, keys));
  await verify(folder, names, identities);
  if (added > limitSeconds * (count / 1000)) process.exitCode = 1;
  if (!values["no-peer"]) await beside(peer, names, keys, [owner, friend]);
}

async function writeFiles(folder: string, names: readonly string[], owner: Person): Promise<void> {
  mkdirSync(folder);
  for (const name of names) {
    const entries = Array.from(
      { length: Number(values.values) },
      (_, at) => `  key_${at}: ${randomBytes(18).toString("hex")}`,
    );
    const content = `# ${name}\napiVersion: v1\nkind: Secret\nstringData:\n${entries.join("\n")}\n`;
    const rule = ruleFor([owner.recipient], { encrypted_regex: "^(data|stringData)$" });
    writeFileSync(join(folder, name), await encryptSops({ path: name, format: "yaml", content }, rule, context));
  }
}

async function update(
  folder: string,
  names: readonly string[],
  rule: ReturnType<typeof ruleFor>,
  keys: string,
): Promise<void> {
  const editor = new SopsEditor({ identities: [keys], lock: join(scratch, "state", "lock"), rule });
  for (const outcome of await editor.updateKeysOf(names.map((name) => join(folder, name)))) {
    if ("failure" in outcome) throw outcome.failure;
    const { added, removed } = outcome.changed;
    if (added.length + removed.length !== 1) throw new Error(`${outcome.path} was not changed`);
  }
}

async function verify(folder: string, names: readonly string[], identities: AgeIdentities): Promise<void> {
  for (const name of names.slice(0, 20)) {
    await decryptSops({ path: name, format: "yaml", text: readFileSync(join(folder, name), "utf8") }, identities);
  }
}

async function timed(title: string, work: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  // The processor's time of programs that were run is not told.
  const cpu = title.startsWith("ringwall") ? ((user + system) / 1e6).toFixed(2) : "-";
  const rate = String(Math.round(count / seconds));
  console.log(`${title.padEnd(44)}${seconds.toFixed(2).padStart(10)}${cpu.padStart(10)}${rate.padStart(10)}`);
  return seconds;
}

/** `sops` of the lab, one process for each file, as it is used. */
async function beside(
  folder: string,
  names: readonly string[],
  keys: string,
  people: readonly Person[],
): Promise<void> {
  const program = join(process.env.RINGWALL_LAB_CACHE ?? join(homedir(), ".cache", "ringwall-lab"), "bin", "sops");
  if (!existsSync(program)) {
    console.log("sops is left out: the lab was not installed.");
    return;
  }
  const env = { PATH: process.env.PATH, HOME: scratch, SOPS_AGE_KEY_FILE: keys };
  const each = (...args: readonly string[]) => {
    for (const name of names) execFileSync(program, [...args, name], { cwd: folder, env, stdio: "pipe" });
  };
  const rules = (named: readonly Person[]) =>
    writeFileSync(
      join(folder, ".sops.yaml"),
      `creation_rules:\n  - age: ${named.map((one) => one.recipient).join(",")}\n`,
    );
  rules(people);
  await timed("sops updatekeys: a recipient more", () => each("updatekeys", "-y"));
  rules(people.slice(0, 1));
  await timed("sops updatekeys, sops rotate: one less", () => {
    each("updatekeys", "-y");
    each("rotate", "-i");
  });
}
