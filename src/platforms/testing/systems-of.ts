/** What tests of a proxy's files ask: the systems of a folder with them, and its routes in a form that is easy to compare. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { ServiceConfiguration } from "../../facts/configuration/service.ts";
import { knownValue } from "../../facts/fact.ts";
import type { System } from "../../facts/system.ts";
import { readPaths } from "../read-paths.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** The systems of files, by their paths in a folder of their own that is gone after the tests. */
export function systemsOf(files: Readonly<Record<string, string>>): readonly System[] {
  const folder = mkdtempSync(join(tmpdir(), "systems-"));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return readPaths([folder], { cwd: folder }).systems;
}

/** What of a route tests of tunnels compare: facts by their value, or by their kind where they have none. */
export function routesIn(systems: readonly System[]) {
  return systems.flatMap((system) =>
    system.all("route").map(({ host, path, target, authentication, audience, transport, relay, edge }) => {
      const led = knownValue(target);
      const open = knownValue(audience);
      return {
        host: knownValue(host) ?? host.kind,
        path: knownValue(path) ?? path.kind,
        to: led === undefined ? target.kind : `${led.workload.name}:${led.port}`,
        signIn: knownValue(authentication) ?? authentication.kind,
        audience: open === undefined ? audience.kind : open.kind === "public" ? "everybody" : open.cidrs.join(" "),
        relay,
        edge: edge?.name,
        ...(transport === undefined ? {} : { transport }),
      };
    }),
  );
}

/** The configurations of one program's files. */
export function configurationsOf(
  systems: readonly System[],
  software: ServiceConfiguration["software"],
): readonly ServiceConfiguration[] {
  return systems.flatMap((system) =>
    system
      .all("repository-file")
      .flatMap(({ configuration }) =>
        configuration?.software === software ? [configuration as ServiceConfiguration] : [],
      ),
  );
}
