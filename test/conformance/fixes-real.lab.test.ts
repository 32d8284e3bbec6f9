/** What mendings make of real files, held to the programs that read them: each is still one, and says what it was to say. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";
import { labProgram } from "../../src/components/testing/stack.ts";

// covers: G2 W3 W4 W7 A9 H1 T4 | compose kubernetes incus files | real: Compose corpus, PSS v1.37, docker compose config, sshd -T, caddy validate, nginx -t, tofu fmt

const corpus = join(import.meta.dirname, "../../../shared/corpus");
const fixtures = join(import.meta.dirname, "../../src/controls");
const hasCorpus = existsSync(join(corpus, "compose"));
const compose = labProgram("docker-compose", process.env);
const caddy = labProgram("caddy", process.env);
const nginx = labProgram("nginx", process.env) ?? labProgram("../trees/newer/usr/sbin/nginx", process.env);
const tofu = labProgram("tofu", process.env);
const sshd = ["/usr/sbin/sshd"].find((path) => existsSync(path));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-fixes-real-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function mend(...controls: readonly string[]): Promise<string> {
  const context = memoryContext({ cwd: folder });
  await runCli(["check", "--fail-on", "critical", ...controls.flatMap((id) => ["--fix-only", id])], context);
  return context.stderr.text();
}

function put(name: string, fixture: string): string {
  cpSync(join(fixtures, fixture), join(folder, name), { recursive: true });
  return join(folder, name);
}

function run(program: string, ...argv: readonly string[]): string {
  return execFileSync(program, argv, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function texts(): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe.skipIf(!hasCorpus)("the Compose files of the corpus", () => {
  it("lose nothing, are mended, and stay as they are the second time", async () => {
    cpSync(join(corpus, "compose/examples"), folder, { recursive: true });
    const before = texts();
    const controls = [
      "workload.capabilities-dropped",
      "workload.no-new-privileges-on",
      "workload.pids-limited",
      "detection.log-bounded",
      "supply-chain.pull-reviewed",
    ];
    const said = await mend(...controls);
    const after = texts();
    const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
    expect(changed.length).toBeGreaterThan(70);
    for (const name of changed) {
      const kept = new Set(after[name]?.split("\n"));
      // Only a value that was there is written anew: the pull policy.
      const lost = (before[name] ?? "").split("\n").filter((line) => !kept.has(line) && !/pull_policy:/.test(line));
      expect(lost, `${name}: ${said}`).toEqual([]);
    }
    expect(await mend(...controls)).toContain("Nothing is changed.");
    expect(texts()).toEqual(after);
  }, 30_000);

  it.skipIf(compose === undefined)(
    "are still what Docker Compose reads",
    async () => {
      // One of each kind: anchors, extension fields, several files' services, no newline at the end.
      const names = ["adguard-home-sync", "arr-suite", "headscale", "librephotos", "mattermost", "authentik"].filter(
        (name) => existsSync(join(corpus, "compose/examples", name)),
      );
      expect(names.length).toBeGreaterThan(4);
      for (const name of names) cpSync(join(corpus, "compose/examples", name), join(folder, name), { recursive: true });
      await mend("workload.capabilities-dropped", "workload.no-new-privileges-on", "workload.pids-limited");
      for (const name of names) {
        const file = readdirSync(join(folder, name)).find((each) => /compose\.ya?ml$/.test(each)) ?? "";
        const path = join(folder, name, file);
        const project = JSON.parse(run(compose ?? "", "-f", path, "config", "--format", "json", "--no-interpolate"));
        for (const service of Object.values(project.services) as { cap_drop?: unknown; cap_add?: unknown[] }[]) {
          expect(service.cap_drop === undefined ? service.cap_add : service.cap_drop, path).toBeDefined();
        }
      }
    },
    30_000,
  );
});

describe.skipIf(!hasCorpus)("pods of the Pod Security Standards", () => {
  it("keep the level restricted where all that they lack can be added", async () => {
    cpSync(join(corpus, "pss/restricted"), folder, { recursive: true });
    const said = await mend("workload.pod-security-restricted");
    expect(Number(/(\d+) files? changed/.exec(said)?.[1])).toBeGreaterThan(5);
    expect(said).not.toContain("not mended");
    expect(await mend("workload.pod-security-restricted")).toContain("Nothing is changed.");
  });
});

it.skipIf(sshd === undefined)("sshd takes what is mended, and shuts the doors", async () => {
  const name = "identity/fixtures/identity.ssh-keys-only/fail.as-debian-ships-it.sshd_config";
  const path = put("sshd_config", name);
  await mend("identity.ssh-keys-only", "identity.ssh-sessions-confined", "identity.ssh-root-refused");
  const key = join(folder, "key");
  run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
  // What the folder does not hold is not the machine's own.
  const text = readFileSync(path, "utf8").replace(/^Include .*$/m, "");
  writeFileSync(path, text);
  const effective = run(sshd ?? "", "-T", "-f", path, "-h", key);
  expect(effective).toMatch(/^passwordauthentication no$/m);
  expect(effective).toMatch(/^kbdinteractiveauthentication no$/m);
});

it.skipIf(caddy === undefined)("Caddy takes the headers that are added, and sends them", async () => {
  const path = put("Caddyfile", "edge/fixtures/edge.headers-set/fail.caddy-says-nothing.Caddyfile");
  await mend("edge.headers-set", "edge.hsts-set");
  const adapted = run(caddy ?? "", "adapt", "--adapter", "caddyfile", "--config", path);
  expect(adapted.match(/Strict-Transport-Security/g)?.length).toBeGreaterThanOrEqual(2);
  expect(adapted.match(/SAMEORIGIN/g)).toHaveLength(2);
});

it.skipIf(nginx === undefined)("nginx takes what is mended", async () => {
  const path = put("nginx.conf", "edge/fixtures/edge.headers-set/fail.nginx-says-nothing.nginx.conf");
  await mend("edge.headers-set", "edge.hsts-set", "edge.version-untold");
  const text = readFileSync(path, "utf8");
  expect(text).toContain("    server_tokens off;\n    server {");
  expect(text).toContain("        add_header X-Frame-Options SAMEORIGIN always;\n");
  // Without a certificate, for there is none.
  writeFileSync(path, text.replace("443 ssl", "127.0.0.1:18443").replace(/ssl_certificate(?:_key)? .*/g, ""));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (each) => `${each}_temp_path ${folder}/${each};`,
  );
  writeFileSync(path, readFileSync(path, "utf8").replace("http {", `http {\n${temporary.join("\n")}\naccess_log off;`));
  const said = execFileSync(
    nginx ?? "",
    ["-t", "-c", path, "-p", folder, "-g", `pid ${folder}/pid; error_log stderr;`],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  expect(said).toBe("");
});

it.skipIf(tofu === undefined)("OpenTofu reads what is mended in its files", async () => {
  put("main.tf", "workload/fixtures/workload.pids-limited/fail.incus-none.tf");
  put("bare/main.tf", "workload/fixtures/workload.pids-limited/fail.incus-without-config.tf");
  put("nested/main.tf", "workload/fixtures/workload.nesting-off/fail.docker-inside.tf");
  await mend("workload.pids-limited", "workload.nesting-off");
  expect(readFileSync(join(folder, "main.tf"), "utf8")).toContain('"limits.processes" = "2048"');
  expect(readFileSync(join(folder, "nested/main.tf"), "utf8")).toContain('"security.nesting" = "false"');
  expect(readFileSync(join(folder, "bare/main.tf"), "utf8")).toContain(
    '  config = {\n    "limits.processes" = "2048"\n  }',
  );
  // As it lays files out itself, too.
  expect(run(tofu ?? "", "fmt", "-recursive", "-check", "-diff", ".")).not.toContain("main.tf");
});
