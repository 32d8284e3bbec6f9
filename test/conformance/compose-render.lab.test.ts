/** Rendered files against the programs and schemas that read them: Compose's own, where they are present. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { ResolvedStack } from "../../src/contracts/resolved.ts";
import { renderCompose } from "../../src/platforms/compose/render.ts";
import { composeResources } from "../../src/platforms/compose/resources.ts";
import { sampleStack, stackArbitrary } from "./compose-render-stacks.ts";

const shared = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "shared", "schemas");
const hasSchemas = existsSync(join(shared, "compose-go", "compose-spec.json"));
const hasCompose = spawnSync("docker", ["compose", "version"], { stdio: "ignore" }).status === 0;

describe.skipIf(!hasSchemas)(
  "the rendered compose.yaml, by the upstream schemas (skipped where they are absent)",
  () => {
    test("every generated stack is valid by the Compose Specification and by compose-go", () => {
      const specification = schemaOf(join(shared, "compose-spec", "compose-spec.json"), (schema) =>
        new Ajv(options).compile(schema),
      );
      const composeGo = schemaOf(join(shared, "compose-go", "compose-spec.json"), (schema) =>
        new Ajv2020(options).compile(schema),
      );
      fc.assert(
        fc.property(stackArbitrary, (stack) => {
          const document: unknown = parse(composeYaml(stack));
          expect(specification(document), JSON.stringify(specification.errors)).toBe(true);
          expect(composeGo(document), JSON.stringify(composeGo.errors)).toBe(true);
        }),
        { numRuns: 60 },
      );
    });
  },
);

describe.skipIf(!hasCompose)(
  "the rendered folder, by the installed docker compose (skipped where it is absent)",
  () => {
    test("docker compose reads the sample stack without an error or a warning", () => {
      inFolder(sampleStack(), (folder) => {
        const run = spawnSync("docker", ["compose", "config", "--quiet"], { cwd: folder, encoding: "utf8" });
        expect(run.stderr).toBe("");
        expect(run.status).toBe(0);
      });
    });

    test("docker compose takes every generated text for what the resources say", () => {
      fc.assert(
        fc.property(stackArbitrary, (stack) => {
          inFolder(stack, (folder) => {
            const seen = composeConfig(folder);
            expect(seen.name).toBe(stack.name);
            for (const service of stack.services) {
              const { environment, command, entrypoint, healthcheck, ...rest } = seen.services[service.name] ?? {};
              const expected = Object.entries(service.environment).map(([key, value]) => [key, value]);
              expect(undollar(environment ?? {})).toMatchObject(Object.fromEntries(expected));
              expect(undollar(command ?? null)).toEqual(service.command ?? null);
              expect(undollar(entrypoint ?? null)).toEqual(service.entrypoint ?? null);
              expect(undollar(healthcheck?.test)).toEqual(
                service.health === undefined ? undefined : ["CMD", ...service.health],
              );
              expect(rest.user).toBe(`${service.uid}:${service.gid}`);
              expect(Number(rest.mem_limit)).toBe(service.resources.memoryBytes);
              expect(Number(rest.memswap_limit)).toBe(service.resources.memoryBytes);
            }
          });
        }),
        { numRuns: 12 },
      );
    }, 60_000);
  },
);

const options = { strict: false, allErrors: false };

function schemaOf<T>(path: string, compile: (schema: object) => T): T {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  return compile(schema);
}

function composeYaml(stack: ResolvedStack): string {
  return renderCompose(composeResources(stack)).find((file) => file.path === "compose.yaml")?.content ?? "";
}

interface SeenService {
  environment?: Record<string, string>;
  command?: string[] | null;
  entrypoint?: string[] | null;
  healthcheck?: { test: string[] };
  user?: string;
  mem_limit?: string;
  memswap_limit?: string;
}

function composeConfig(folder: string): { name: string; services: Record<string, SeenService> } {
  return JSON.parse(
    execFileSync("docker", ["compose", "config", "--format", "json"], { cwd: folder, encoding: "utf8" }),
  ) as { name: string; services: Record<string, SeenService> };
}

/** `config` doubles every `$` again, so that its output can be read as a Compose file. */
function undollar<T>(value: T): T {
  if (typeof value === "string") return value.replaceAll("$$", "$") as T;
  if (Array.isArray(value)) return value.map(undollar) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, undollar(item)])) as T;
}

/** Writes a rendered folder, with an empty file for each that `up` would deliver, and removes it afterwards. */
function inFolder(stack: ResolvedStack, use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-render-"));
  try {
    const resources = composeResources(stack, { deliveryRoot: join(folder, "delivered") });
    const delivered = [...resources.secretFiles, ...resources.environmentFiles];
    for (const { path } of delivered) writeInto(path, "");
    for (const file of renderCompose(resources)) writeInto(join(folder, file.path), file.content);
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeInto(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
