/** Any Compose file: one run finds all that there is to do, and what it does not mend stays as it is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: G2 W3 W4 N1 | compose

const folder = mkdtempSync(join(tmpdir(), "ringwall-fixes-any-"));
const file = join(folder, "compose.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const controls = ["workload.pids-limited", "workload.no-new-privileges-on", "network.datastore-unpublished"];
/** What these controls write. */
const written = new Set(["pids_limit", "security_opt"]);

async function mend(): Promise<string> {
  const context = memoryContext({ cwd: folder });
  await runCli(["check", "--fail-on", "critical", ...controls.flatMap((id) => ["--fix-only", id])], context);
  return context.stderr.text();
}

const port = fc.constantFrom("5432:5432", "5432", "::5432", "5440-5442:5432", "[::]:5432:5432", "127.0.0.1:5432:5432");
const lines = fc.record({
  merges: fc.constantFrom(undefined, "a", "b"),
  ports: fc.option(fc.uniqueArray(port, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  own: fc.subarray(["pids_limit: 9", "security_opt: [no-new-privileges:true]", "restart: always"]),
  flow: fc.boolean(),
});

/** Services `a`, `b` and `c`, each with an anchor, which those after it may take. */
const compose = fc.tuple(lines, lines, lines).map((services) =>
  services
    .map(({ merges, ports, own, flow }, index) => {
      const name = "abc"[index] ?? "";
      const outer = merges !== undefined && merges < name ? [`<<: *${merges}`] : ["image: postgres:17"];
      const list = ports?.map((each) => JSON.stringify(each)) ?? [];
      const block = list.map((each) => `\n      - ${each}`).join("");
      const published = ports === undefined ? [] : [flow ? `ports: [${list.join(", ")}]` : `ports:${block}`];
      return `  ${name}: &${name}\n${[...outer, ...published, ...own].map((each) => `    ${each}\n`).join("")}`;
    })
    .reduce((all, each) => all + each, "services:\n"),
);

interface Service {
  readonly ports?: readonly (string | object)[];
  readonly [key: string]: unknown;
}

/** What a file says beside what was to be written, and each port without the address of the host. */
function restOf(text: string): unknown {
  const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
  return Object.entries(services).map(([name, service]) => [
    name,
    Object.entries(service).flatMap(([key, value]) => {
      if (written.has(key)) return [];
      return [[key, key === "ports" ? service.ports?.map(withoutAddress) : value]];
    }),
  ]);
}

function withoutAddress(published: string | object): string {
  const text = String(published).replace(/^(?:127\.0\.0\.1|0\.0\.0\.0|\[::\]):/, "");
  // One that the engine chooses a port for is written with nothing before the colon, or with no colon.
  return text.replace(/^:+/, "");
}

it("is mended in one run, and keeps the meaning of everything else", async () => {
  await fc.assert(
    fc.asyncProperty(compose, async (text) => {
      writeFileSync(file, text);
      const said = await mend();
      const first = readFileSync(file, "utf8");
      expect(restOf(first), said).toEqual(restOf(text));
      expect(await mend()).toContain("Nothing is changed.");
      expect(readFileSync(file, "utf8")).toBe(first);
    }),
    { numRuns: 60 },
  );
}, 60_000);
