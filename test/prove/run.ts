/**
 * The long proofs: `npm run prove -- [NAME…] [--minutes N] [--seed N] [--jobs N]`.
 *
 * Each writes a dated result to docs/proofs/NAME.md, with its seed and the commit; no figure stands in the README
 * without one. Ends with 1 when a proof found a failure, or was ended before its time.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fuzzComposeProof } from "./fuzz-compose-proof.ts";
import { fuzzFormatsProof } from "./fuzz-formats-proof.ts";
import { ledgerAttacksProof } from "./ledger-attacks.ts";
import type { Proof } from "./proof.ts";
import { rotationCrashesProof } from "./rotation-crashes-proof.ts";
import { rotationLoadProof } from "./rotation-load-proof.ts";

const proofs: readonly Proof[] = [
  fuzzComposeProof,
  fuzzFormatsProof,
  ledgerAttacksProof,
  rotationCrashesProof,
  rotationLoadProof,
];

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});
const unknown = positionals.filter((name) => !proofs.some((proof) => proof.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no proof named ${unknown.join(", ")}. There are: ${proofs.map((proof) => proof.name).join(", ")}.`,
  );
  process.exitCode = 2;
} else {
  for (const proof of proofs.filter((one) => positionals.length === 0 || positionals.includes(one.name)))
    await runProof(proof);
}

async function runProof(proof: Proof): Promise<void> {
  const seed = Number(values.seed);
  const { minutes, jobs } = values;
  const day = new Date().toISOString().slice(0, 10);
  const commit = commitOf();
  const result = await proof.run({ root, seed, minutes: Number(minutes), jobs: Number(jobs), commit, day });
  if ("skipped" in result) {
    console.log(`${proof.name}: skipped, ${result.skipped}`);
    return;
  }
  const page = [
    `# ${proof.title}`,
    "",
    proof.claim,
    "",
    "| | |",
    "|---|---|",
    `| date | ${day} |`,
    `| commit | ${commit} |`,
    `| seed | ${seed} |`,
    ...result.figures.map(([name, value]) => `| ${name} | ${value} |`),
    `| result | ${result.failures.length === 0 ? "holds" : `${result.failures.length} failures`} |`,
    "",
    ...result.failures.slice(0, 20).flatMap((failure) => ["```", failure, "```", ""]),
  ].join("\n");
  mkdirSync(join(root, "docs/proofs"), { recursive: true });
  writeFileSync(join(root, `docs/proofs/${proof.name}.md`), page);
  console.log(page);
  if (result.failures.length > 0) process.exitCode = 1;
}

function commitOf(): string {
  try {
    const dirty = execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" }).trim() !== "";
    return `${execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim()}${dirty ? ", with changes not yet committed" : ""}`;
  } catch {
    return "unknown";
  }
}
