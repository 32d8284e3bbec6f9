import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { stackFrom } from "../../src/components/testing/stack.ts";
import { resticKey } from "../../src/operations/rotation/rotators/restic/restic-key.ts";
import { localConsumers } from "./rotation-local-consumers.ts";
import type { RotationScenario, ScenarioWorld } from "./rotation-scenario.ts";

const run = promisify(execFile);
const installed = ["/usr/bin/restic", "/usr/local/bin/restic"].some((path) => existsSync(path));

const stackOf = (repository: string) =>
  stackFrom(`name: shop
services: { web: { image: "x:1" } }
secrets: { backup-key: { kind: password, rotator: { restic: { repository: ${repository} } } } }
`);

/** The key of a real restic repository, which nobody but backups on this host uses. */
export const resticScenarios: readonly RotationScenario[] = [
  {
    name: "restic",
    skipped: () => (installed ? undefined : "restic is not installed"),
    start: (folder) => start(`${folder}-issuer`),
    connect: async ({ repository, place }) => {
      const refuse = () => Promise.reject(new Error("no service takes part"));
      const services = { ...localConsumers(String(place)), exec: refuse, deliverDerived: refuse, login: refuse };
      return { stack: stackOf(String(repository)), rotators: [resticKey], services };
    },
  },
];

async function start(place: string): Promise<ScenarioWorld> {
  await mkdir(place, { recursive: true });
  const repository = join(place, "repository");
  const value = `first-${randomBytes(12).toString("hex")}`;
  await restic(repository, value, ["init"]);
  return {
    connection: { repository, place },
    first: new Map([["backup-key", value]]),
    wrongMidway: async ({ store }) => {
      // Which of them is in use by a backup that begins now: the present one.
      const present = store.get("backup-key") ?? "";
      return (await opens(repository, present)) ? [] : ["a backup that begins now cannot open the repository"];
    },
    wrongAtEnd: async ({ store, all }) => {
      const present = store.get("backup-key") ?? "";
      const wrong = (await opens(repository, present)) ? [] : ["the present value does not open the repository"];
      for (const former of all) {
        if (former !== present && (await opens(repository, former))) wrong.push("a former value still opens it");
      }
      const { stdout } = await restic(repository, present, ["key", "list", "--json", "--no-lock"]);
      const keys = JSON.parse(stdout).length;
      return keys === 1 ? wrong : [...wrong, `the repository has ${keys} keys`];
    },
    stop: async () => {},
  };
}

/** By the program itself, with a password in its environment: nobody else is on this machine's test. */
function restic(repository: string, password: string, args: readonly string[]) {
  const env = { PATH: process.env.PATH, RESTIC_PASSWORD: password, RESTIC_CACHE_DIR: `${repository}-cache` };
  return run("restic", ["-r", repository, ...args], { env });
}

async function opens(repository: string, password: string): Promise<boolean> {
  return restic(repository, password, ["cat", "config", "--no-lock"]).then(
    () => true,
    () => false,
  );
}
