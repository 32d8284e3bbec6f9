/**
 * How long it takes to plan the rotation of 15 secrets: `node bench/rotation.ts [--secrets N] [--runs N]`.
 *
 * Each run is `ringwall rotate --plan --all` as a whole process, on a stack of services that take the secrets of one
 * database, with values in the store and a record of each. The number to hold: under one second.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDatabase } from "../src/state/database/open.ts";
import { recordsOf } from "../src/state/database/records.ts";

const { values } = parseArgs({
  options: { secrets: { type: "string", default: "15" }, runs: { type: "string", default: "7" } },
});
const program = fileURLToPath(new URL("../bin/ringwall.js", import.meta.url));
const count = Number(values.secrets);
const folder = mkdtempSync(join(tmpdir(), "ringwall-bench-rotation-"));
const names = Array.from({ length: count }, (_, index) => `role-${index}-password`);
const services = names.map(
  (name, index) =>
    `  app-${index}: { image: "docker.io/example/app:1.0.0", user: 1000, talksTo: [db], secrets: [{ secret: ${name}, template: "{user}:{value}" }] }`,
);
const roles = names.map((name, index) => `role_${index}: { secret: ${name} }`).join(", ");
writeFileSync(
  join(folder, "stack.yaml"),
  `name: bench\nservices:\n  db: { use: postgres, settings: { roles: { ${roles} } } }\n${services.join("\n")}\nsecrets: { ${names.map((name) => `${name}: password`).join(", ")} }\n`,
);
// No engine takes part: a plan is made from the declaration, the store's names and the records.
const env = { ...process.env, DOCKER_HOST: "unix:///nowhere/docker.sock" };
try {
  execFileSync(process.execPath, [program, "secrets", "generate", "--stack", folder], { env });
  const db = await openDatabase({ folder: join(folder, ".ringwall") });
  for (const secret of names) {
    const rotatedAt = "2026-01-01T00:00:00.000Z";
    const version = (await recordsOf(db).secrets.get("bench", secret))?.version ?? 0;
    const base = {
      stack: "bench",
      account: null,
      version,
      downtimeMs: 0,
      rotator: "postgres-role",
      orphans: [],
      exposedSince: null,
    };
    await recordsOf(db).secrets.put({ ...base, secret, rotatedAt });
  }
  await db.close();
  const times = Array.from({ length: Number(values.runs) }, () => {
    const start = performance.now();
    const run = spawnSync(process.execPath, [program, "rotate", "--all", "--plan", "--stack", folder], {
      env,
      encoding: "utf8",
    });
    if (run.status !== 1 || !run.stdout.includes(`role-${count - 1}-password`)) throw new Error(run.stderr);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)] ?? 0;
  const slowest = times.at(-1) ?? 0;
  console.log(
    `${count} secrets planned, the whole process: ${middle.toFixed(0)} ms in the middle, ${slowest.toFixed(0)} ms at most, of ${times.length} runs (${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)})`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
