/**
 * What `check --fix` makes of Compose files that nobody wrote for it, as `docker compose config` sees them: the change that
 * was meant, in every service that it was meant for, and nothing else.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";
import { composeConfig, findCompose } from "./compose-config.ts";

// covers: G2 | compose | real: Compose-Examples, compose-go loader inputs, docker compose 2.40

const corpus = join(import.meta.dirname, "../../../shared/corpus");
const program = findCompose();
const work = mkdtempSync(join(tmpdir(), "ringwall-compose-fix-"));
const before = join(work, "before");
const after = join(work, "after");
afterAll(() => rmSync(work, { recursive: true, force: true }));

function yamlFiles(): readonly string[] {
  return readdirSync(before, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => relative(before, join(entry.parentPath, entry.name)));
}

function changedFiles(): readonly string[] {
  return yamlFiles().filter(
    (path) => readFileSync(join(before, path), "utf8") !== readFileSync(join(after, path), "utf8"),
  );
}

async function fix(): Promise<string> {
  const context = memoryContext({ cwd: after });
  await runCli(["check", "--fix", "--yes", "--format", "json"], context);
  return context.stderr.text();
}

type Service = Readonly<Record<string, unknown>>;

function servicesOf(model: unknown): Readonly<Record<string, Service>> {
  return (model as { services?: Readonly<Record<string, Service>> }).services ?? {};
}

const mended = new Set(["security_opt", "pids_limit", "logging"]);

/** What `deploy.resources.limits.pids` says. */
function pidsOf(service: Service): unknown {
  return (service as { deploy?: { resources?: { limits?: { pids?: unknown } } } }).deploy?.resources?.limits?.pids;
}

/** A value to be compared, without the limit of processes where one was added beside the others. */
function printed(value: unknown, limited: boolean): string {
  return JSON.stringify(value, (key, each: unknown) => (limited && key === "pids" ? undefined : each));
}

/** What of two services differs beyond what was to be mended. */
function otherDifferences(old: Service, now: Service): readonly string[] {
  const limits = pidsOf(now) === 2048 && pidsOf(old) === undefined;
  const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
  const others = [...keys].filter((key) => !mended.has(key) && printed(old[key], limits) !== printed(now[key], limits));
  const options = (service: Service) => (Array.isArray(service.security_opt) ? service.security_opt : []);
  const lost = options(old).filter((option) => !options(now).includes(option));
  const more = options(now).filter((option) => !options(old).includes(option) && option !== "no-new-privileges:true");
  const limit = [undefined, 2048, old.pids_limit].includes(now.pids_limit as number) ? [] : ["pids_limit"];
  return [...others, ...lost, ...more, ...limit];
}

describe.skipIf(!existsSync(corpus))(
  "check --fix over Compose files of others (skipped where they are not there)",
  () => {
    let said = "";
    beforeAll(async () => {
      for (const folder of [before, after]) {
        cpSync(join(corpus, "compose/examples"), join(folder, "examples"), { recursive: true });
        cpSync(join(corpus, "compose-go"), join(folder, "compose-go"), { recursive: true });
      }
      said = await fix();
    });

    it("mends most of them, and keeps every line and comment as it was and where it was", () => {
      const files = changedFiles();
      expect(files.length).toBeGreaterThan(80);
      for (const path of files) {
        const now = readFileSync(join(after, path), "utf8").split("\n");
        const missing: string[] = [];
        let at = 0;
        for (const line of readFileSync(join(before, path), "utf8").split("\n")) {
          const found = now.indexOf(line, at);
          if (found === -1) missing.push(line);
          else at = found + 1;
        }
        expect(missing, path).toEqual([]);
      }
      expect(said).toContain("file changed.".replace("file", "files"));
    });

    it("changes nothing the second time", { timeout: 60_000 }, async () => {
      const contents = () => yamlFiles().map((path) => readFileSync(join(after, path), "utf8"));
      const first = contents();
      expect(await fix()).toContain("Nothing is changed.");
      expect(contents()).toEqual(first);
    });

    it.skipIf(program === undefined)(
      "is for docker compose the change that was meant, and nothing else (skipped where it is not installed)",
      { timeout: 60_000 },
      async () => {
        const queue = [
          ...changedFiles()
            .filter((path) => path.startsWith("examples/"))
            .entries(),
        ];
        const wrong: string[] = [];
        let valid = 0;
        const config = (root: string, path: string) => {
          const more = ["--project-name", "fixed"];
          return composeConfig(program ?? "", join(root, dirname(path)), [basename(path)], more, ["--no-interpolate"]);
        };
        const compare = async (index: number, path: string) => {
          const now = await config(after, path);
          if (now.ok) valid++;
          // Each must still be valid; of every third it is looked at what became of it.
          if (now.ok && index % 3 !== 0) return;
          const old = await config(before, path);
          if (!old.ok) return;
          if (!now.ok) {
            wrong.push(`${path}: ${now.refusal}`);
            return;
          }
          const [oldServices, nowServices] = [servicesOf(old.model), servicesOf(now.model)];
          expect(Object.keys(nowServices)).toEqual(Object.keys(oldServices));
          for (const [name, service] of Object.entries(oldServices)) {
            const others = otherDifferences(withoutRoot(service, before), withoutRoot(nowServices[name] ?? {}, after));
            if (others.length > 0) wrong.push(`${path} ${name}: ${others.join(", ")}`);
          }
        };
        const worker = async () => {
          for (let next = queue.pop(); next !== undefined; next = queue.pop()) await compare(...next);
        };
        await Promise.all([worker(), worker(), worker()]);
        expect(wrong).toEqual([]);
        expect(valid).toBeGreaterThan(60);
      },
    );
  },
);

/** Compose prints absolute paths. */
function withoutRoot(service: Service, root: string): Service {
  return JSON.parse(JSON.stringify(service).replaceAll(root, ""));
}
