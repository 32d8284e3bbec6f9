/** What is mended in a stack of Swarm: only what `docker stack deploy` takes; the rest is said. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-swarm-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const all = ["workload.pids-limited", "workload.no-new-privileges-on", "workload.restart-stated"];

async function mended(text: string): Promise<string> {
  writeFileSync(join(folder, "stack.yml"), text);
  const context = memoryContext({ cwd: folder });
  await runCli(["check", "--fix", "--yes", ...all.flatMap((id) => ["--fix-only", id])], context);
  return readFileSync(join(folder, "stack.yml"), "utf8");
}

async function remedyOf(text: string, control: string): Promise<string> {
  writeFileSync(join(folder, "stack.yml"), text);
  const context = memoryContext({ cwd: folder });
  await runCli(["check", "--format", "json"], context);
  const { findings } = JSON.parse(context.stdout.text()) as { findings: { control: string; remedy: string }[] };
  return findings.find((finding) => finding.control === control)?.remedy ?? "";
}

const stack = (version: string, deploy: string) =>
  `version: "${version}"\nservices:\n  agent:\n    image: portainer/agent:2.20\n    deploy:\n      ${deploy}\n`;

// covers: G2 W3 W8 | compose
test.each([
  "mode: global",
  "mode: replicated-job",
  "placement: {constraints: [node.role == manager]}",
  "update_config: {order: start-first}",
  "rollback_config: {order: stop-first}",
])("Limits and restarts of a stack are written under `deploy`: %s", async (sign) => {
  const text = await mended(stack("3.9", sign));
  expect(text).not.toMatch(/pids_limit|security_opt|^ {4}restart:/m);
  expect(text).toContain("pids: 2048");
  expect(text).toContain("condition: any");
  expect(takenBySwarm(text)).not.toBe("refused");
});

/** What the real program says of it, where it is here; it needs no engine for that. */
function takenBySwarm(text: string): "taken" | "refused" | "not tried" {
  writeFileSync(join(folder, "tried.yml"), text);
  try {
    execFileSync("docker", ["stack", "config", "-c", join(folder, "tried.yml")], { stdio: "pipe" });
    return "taken";
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    const absent = code === "ENOENT" || /is not a docker command|unknown command/.test(String(stderr));
    return absent ? "not tried" : "refused";
  }
}

test("An overlay network makes a stack; an attachable one, replicas and limits alone do not.", async () => {
  const plain = "services:\n  a:\n    image: a:1\n";
  expect(await mended(`${plain}networks: {ov: {driver: overlay}}\n`)).toContain("pids: 2048");
  expect(await mended(`${plain}networks: {ov: {driver: overlay, attachable: true}}\n`)).toContain("pids_limit: 2048");
  const limited = await mended(`${plain}    deploy: {replicas: 2, resources: {limits: {memory: 1g}}}\n`);
  expect(limited).toContain("no-new-privileges:true");
  expect(limited).toContain("restart: unless-stopped");
});

test("A version that has no limit of processes is left as it is, and what to do is said.", async () => {
  const text = stack("3.8", "mode: global");
  expect(await mended(text)).not.toContain("pids");
  expect(await remedyOf(text, "workload.pids-limited")).toContain('`version` to "3.9"');
  expect(await remedyOf(text, "workload.no-new-privileges-on")).toContain("`daemon.json` of each node");
  expect(await remedyOf(text, "workload.restart-stated")).toContain("`deploy.restart_policy");
  expect(await remedyOf(text, "workload.memory-limited")).toContain("refuses `mem_limit`");
  expect(await remedyOf(text, "workload.cpu-limited")).toContain("refuses `cpus`");
});
