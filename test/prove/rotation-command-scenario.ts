import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandRotator } from "../../src/operations/rotation/rotators/command/index.ts";
import { fakeServices } from "../../src/operations/rotation/testing/fake-rotation.ts";
import { fakeStack } from "../../src/operations/rotation/testing/fake-stack.ts";
import type { Connection, RotationScenario, ScenarioWorld, Seen } from "./rotation-scenario.ts";

const stackOf = (programs: string, overlap: boolean) =>
  fakeStack([
    {
      name: "api-key",
      consumers: ["api"],
      more: `rotator: { command: { stage: [${programs}/stage], verify: [${programs}/verify], revoke: [${programs}/revoke], overlap: ${overlap} } }`,
    },
  ]);

/** Values that shell scripts keep in a file, and a service that reads a file of its own. */
export const commandScenarios: readonly RotationScenario[] = [true, false].map((overlap) => ({
  name: overlap ? "command-overlap" : "command",
  skipped: () => (process.platform === "win32" ? "its programs are shell scripts" : undefined),
  start: (folder) => start(folder, overlap),
  connect: async (connection) => ({
    stack: stackOf(String(connection.programs), overlap),
    rotators: [commandRotator],
    services: fileServices(connection),
  }),
}));

/** Delivers into a file; what the service uses is a copy that it makes when it is told. */
function fileServices({ delivered, used }: Connection) {
  return fakeServices(async (call) => {
    if (call.call === "deliver") await writeFile(String(delivered), call.value, { mode: 0o600 });
    if (call.call === "tell") await writeFile(String(used), await readFile(String(delivered)), { mode: 0o600 });
    return { ok: true };
  });
}

async function start(folder: string, overlap: boolean): Promise<ScenarioWorld> {
  // Beside the folder that is searched: here the issuer keeps the values that it takes.
  const place = `${folder}-issuer`;
  await mkdir(place, { recursive: true });
  const accepted = join(place, "accepted");
  const script = async (name: string, lines: string) => {
    await writeFile(join(place, name), `#!/bin/sh\nset -eu\ncd ${place}\nread -r value\n${lines}\n`);
    await chmod(join(place, name), 0o755);
  };
  // Each writes beside and renames, as one that may be killed must.
  const add = overlap ? '{ cat accepted; echo "$value"; } | sort -u' : 'echo "$value"';
  await script("stage", `${add} > part.$$; mv part.$$ accepted`);
  await script("verify", 'grep -qxF "$value" accepted || exit 10');
  await script("revoke", '{ grep -vxF "$value" accepted || true; } > part.$$; mv part.$$ accepted');
  const value = `first-${randomBytes(12).toString("hex")}`;
  const connection = { programs: place, delivered: join(place, "delivered"), used: join(place, "used") };
  await writeFile(accepted, `${value}\n`);
  await writeFile(connection.delivered, value);
  await writeFile(connection.used, value);
  const look = async () => ({
    taken: (await readFile(accepted, "utf8")).split("\n").filter((line) => line !== ""),
    used: await readFile(connection.used, "utf8"),
  });
  return {
    connection,
    first: new Map([["api-key", value]]),
    wrongMidway: async (seen) => wrongMidway(await look(), overlap, seen),
    wrongAtEnd: async ({ store }) => {
      const { taken, used } = await look();
      return [
        ...(used === store.get("api-key") ? [] : ["the service does not use the value of the store"]),
        ...(taken.length === 1 && taken[0] === used ? [] : [`the issuer takes ${taken.length} values`]),
      ];
    },
    stop: async () => {},
  };
}

function wrongMidway(
  { taken, used }: { readonly taken: readonly string[]; readonly used: string },
  overlap: boolean,
  { store }: Seen,
): readonly string[] {
  const kept = [...store.values()];
  return [
    ...(overlap && !taken.includes(used) ? ["the service cannot sign in"] : []),
    ...(taken.some((value) => kept.includes(value)) ? [] : ["nobody has a value that the issuer takes"]),
    ...(kept.includes(used) ? [] : ["the store has lost the value that the service uses"]),
  ];
}
