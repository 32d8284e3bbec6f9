import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { labProgram } from "../../src/components/testing/stack.ts";
import { rotateIdentity } from "../../src/operations/rotation/identity/rotate-identity.ts";
import { IdentityHost, plainFiles } from "../../src/operations/rotation/identity/testing/identity-host.ts";
import { Random } from "../../src/state/testing/random.ts";

const sops = labProgram("sops", process.env);
const age = ["/usr/bin/age", "/usr/local/bin/age"].find((path) => existsSync(path));
const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;

const hosts: IdentityHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await rm(host.folder, { recursive: true, force: true });
});

async function make(paths?: readonly string[]): Promise<IdentityHost> {
  const host = await IdentityHost.make(paths === undefined ? {} : { sops: paths });
  hosts.push(host);
  return host;
}

const types: Readonly<Record<string, string>> = {
  env: "dotenv",
  ini: "ini",
  json: "json",
  yaml: "yaml",
  bin: "binary",
};

/** What `sops` makes of a file with one of the identity's files; undefined when it does not open it. */
function bySops(host: IdentityHost, path: string, identity: string, ...more: readonly string[]): string | undefined {
  const type = types[path.split(".").at(-1) ?? ""] ?? "binary";
  const env = { PATH: process.env.PATH, HOME: host.folder, SOPS_AGE_KEY_FILE: join(host.state.path, identity) };
  const args = more.length > 0 ? more : ["decrypt", "--input-type", type, "--output-type", type];
  try {
    return execFileSync(sops ?? "", [...args, path], { cwd: host.folder, env, stdio: "pipe" }).toString("utf8");
  } catch {
    return undefined;
  }
}

function byAge(host: IdentityHost, name: string, identity: string): string | undefined {
  const args = ["-d", "-i", join(host.state.path, identity), join(host.state.path, "secrets", `${name}.age`)];
  try {
    return execFileSync(age ?? "", args, { stdio: "pipe" }).toString("utf8");
  } catch {
    return undefined;
  }
}

describe("a rotated identity, in the hands of other programs", () => {
  // covers: R9 S7 | files | real: sops 3.13.3, age of Debian
  it.skipIf(sops === undefined || age === undefined)(
    "opens everything in `sops` and `age`, and the former one nothing (needs both programs)",
    async () => {
      const host = await make();
      const before = new Map(Object.keys(plainFiles).map((path) => [path, bySops(host, path, "identity")]));
      for (const text of before.values()) expect(text).toMatch(/swordfish/);
      const outcome = await rotateIdentity(host.process().engine, { confirm: async () => true });
      expect(outcome.state).toBe("done");
      for (const [path, text] of before) {
        expect(bySops(host, path, "identity"), path).toBe(text);
        expect(bySops(host, path, "identity--previous"), path).toBeUndefined();
      }
      for (const [name, value] of host.values) {
        expect(byAge(host, name, "identity")).toBe(value);
        expect(byAge(host, name, "identity--previous")).toBeUndefined();
      }
    },
  );

  it.skipIf(sops === undefined)(
    "has rules by which `sops` encrypts for it, in the overlap for both (needs sops)",
    async () => {
      const host = await make(["secrets.sops.yaml"]);
      const fresh = (path: string) => {
        host.write(path, "a: b\n");
        bySops(host, path, "identity", "encrypt", "-i");
        return ["identity", "identity--previous"].map((identity) => bySops(host, path, identity) !== undefined);
      };
      const options = { confirm: async () => true, overUncommitted: true, hold: true };
      expect((await rotateIdentity(host.process().engine, options)).state).toBe("overlap");
      // One by a text with commas, one by a list behind an anchor.
      expect(fresh("app/held.yaml")).toEqual([true, true]);
      expect(fresh("held.sops.yaml")).toEqual([true, true]);
      expect((await rotateIdentity(host.process().engine, options)).state).toBe("done");
      expect(bySops(host, "held.sops.yaml", "identity--previous")).toBeUndefined();
      expect(bySops(host, "app/held.yaml", "identity--previous")).toBeUndefined();
      expect(fresh("app/after.yaml")).toEqual([true, false]);
      expect(fresh("after.sops.yaml")).toEqual([true, false]);
    },
  );
});

const declaration = `name: shop
services:
  api: { image: "docker.io/example/app:1.0.0", user: 1000, secrets: [db-password, mail-password] }
secrets:
  db-password: { kind: password }
  mail-password: { kind: password }
`;

/** The command line in a process of its own, killed after so many milliseconds; its exit code, undefined when killed. */
function rotateInProcess(host: IdentityHost, milliseconds: number | undefined): Promise<number | undefined> {
  const env = { PATH: process.env.PATH, HOME: host.folder };
  const child = spawn(process.execPath, [main, "rotate", "identity", "--yes"], {
    cwd: host.folder,
    env,
    stdio: "pipe",
  });
  const timer = milliseconds === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), milliseconds);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve(code ?? undefined);
    });
    child.stdout.resume();
    child.stderr.resume();
  });
}

describe("the rotation of the identity as a process", () => {
  // covers: R9 | files
  it("is killed at random moments, leaves everything open, and ends with one identity that opens all", async () => {
    const seed = Number(process.env.RINGWALL_SEED ?? Date.now() % 1_000_000);
    const random = new Random(seed);
    const timed = await make();
    timed.write("stack.yaml", declaration);
    const start = performance.now();
    expect(await rotateInProcess(timed, undefined)).toBe(0);
    const whole = performance.now() - start;
    const rounds = Number(process.env.RINGWALL_ROUNDS ?? 6);
    let killed = 0;
    for (let round = 0; round < rounds; round++) {
      const host = await make();
      host.write("stack.yaml", declaration);
      const all = await host.opened([host.former.identity]);
      const where = `seed ${seed}, round ${round}`;
      const code = await rotateInProcess(host, whole * (0.3 + random.below(700) / 1000));
      if (code === undefined) killed++;
      expect(await host.opened(host.identitiesIn("identity")), where).toEqual(all);
      const again = code === 0 ? 0 : await rotateInProcess(host, undefined);
      expect(again, where).toBe(0);
      expect(await host.opened(host.identitiesIn("identity")), where).toEqual(all);
      expect(host.identitiesIn("identity"), where).not.toEqual([host.former.identity]);
      expect((await host.opened([host.former.identity])).size, where).toBe(0);
      await rm(host.folder, { recursive: true, force: true });
    }
    expect(killed).toBeGreaterThan(0);
  }, 300_000);
});
