/** Holds what is read of a Caddyfile to what Caddy itself makes of it: both come to the same facts, places aside. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { inputOf } from "../../../test/support/config-input.ts";
import { labProgram } from "../../components/testing/stack.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { placeAt, Source } from "../../lib/place.ts";
import { ConfinedFiles } from "../../repository/files.ts";
import { caddyRoutes } from "../caddy-json/facts.ts";
import type { CaddyConfig } from "../caddy-json/model.ts";
import { readCaddyJson } from "../caddy-json/read-config.ts";
import { caddySettings } from "../caddy-json/settings.ts";
import { parseJson } from "../json/parse.ts";
import { adaptCaddyfile } from "./adapt.ts";
import { parseCaddyfile } from "./parse.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
// The one with the rate-limit module knows all that the other knows.
const caddy = labProgram("caddy-ratelimit", process.env) ?? labProgram("caddy", process.env);
const hasRateLimit = labProgram("caddy-ratelimit", process.env) !== undefined;
const paths = readdirSync(fixtures, { recursive: true, encoding: "utf8" }).sort();
const caddyfiles = paths.filter((path) => path.endsWith(".caddyfile") || path.endsWith("Caddyfile"));

const unset = () => "unset" as const;

function factsOf(config: CaddyConfig): unknown {
  const { routes, folders, tooMany } = caddyRoutes(config);
  // Caddy hides the Caddyfile itself too.
  const shown = folders.map(({ root, hidden }) => ({ root, hidden: hidden.filter((each) => !each.startsWith("./")) }));
  const texts = [...routes, ...shown].map((each) => JSON.stringify(withoutPlaces(each))).sort();
  return { tooMany, texts, settings: withoutPlaces(caddySettings(config, unset, [])) };
}

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== "place");
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutPlaces(each)]));
}

function ours(path: string): unknown {
  const input = inputOf(new ConfinedFiles(fixtures), [path, ...paths.filter((each) => each !== path)]);
  const { tree, problems } = parseCaddyfile(input, unset);
  const adapted = adaptCaddyfile(tree, placeAt(input.file.source, 0));
  expect([...problems, ...adapted.problems], path).toEqual([]);
  return factsOf(adapted.config);
}

async function theirs(path: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(caddy ?? "", ["adapt", "--adapter", "caddyfile", "--config", path], {
    cwd: fixtures,
    env: { HOME: "/nonexistent" },
  });
  const json = stdout.slice(0, stdout.lastIndexOf("}") + 1);
  const { root, problems } = parseJson(new Source("caddy.json", json), json);
  if (root === undefined) throw new Error(problems[0]?.message ?? "no JSON");
  return factsOf(readCaddyJson(root, (text) => ({ text })));
}

// covers: T4 A1 A2 A5 H1 | compose | real: caddy adapt 2.11
test.skipIf(caddy === undefined)(
  `The facts of ${caddyfiles.length} Caddyfiles are those of the JSON that Caddy makes of them`,
  async () => {
    const known = caddyfiles.filter((path) => hasRateLimit || path !== "rate-limit.caddyfile");
    expect(known.length).toBeGreaterThan(35);
    await inParallel(known, 4, async (path) => {
      expect(ours(path), path).toEqual(await theirs(path));
    });
  },
);
