import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credential, testTools } from "../../src/components/testing/local-services.ts";
import { stackFrom } from "../../src/components/testing/stack.ts";
import type { HostProgram, RotationTools, ServiceControl } from "../../src/contracts/rotator.ts";
import { resticKey } from "../../src/operations/rotation/rotators/restic/restic-key.ts";
import { Secret } from "../../src/secrets/secret.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-restic-"));
const repository = join(folder, "repository");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stack = stackFrom(`name: shop
services: { web: { image: "x:1" } }
secrets:
  backup-key: { kind: password, rotator: { restic: { repository: ${repository} } } }
`);
const secretOf = (name: string) => {
  const found = stack.secrets.find((secret) => secret.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const none = {} as ServiceControl;
const host = { kind: "host" } as const;

const program = ["/usr/bin/restic", "/usr/local/bin/restic"].find((path) => existsSync(path));
// covers: R15 | files | real: restic of Debian
describe.skipIf(program === undefined)("the rotation of a restic key on a real repository", () => {
  const [old, next] = [
    credential(undefined, "the-first-password-of-all"),
    credential(undefined, "the-second-password-of-all"),
  ];
  const calls: { args: readonly string[]; environment: string }[] = [];
  const run: HostProgram = (command, args, options) => {
    calls.push({ args, environment: JSON.stringify(options?.environment) });
    return testTools(none).run(command, args, { ...options, environment: { ...options?.environment, HOME: folder } });
  };
  const rotation = (given: Partial<RotationTools> = {}) =>
    resticKey.begin(secretOf("backup-key"), stack, testTools(none, { run, ...given }));
  const works = async (one: typeof old) => (await rotation().verify(one, host)).outcome;

  beforeAll(() => {
    const password = join(folder, "password");
    writeFileSync(password, old.value.expose());
    const environment = { ...process.env, HOME: folder, RESTIC_REPOSITORY: repository, RESTIC_PASSWORD_FILE: password };
    execFileSync(program ?? "", ["init", "--quiet"], { env: environment });
    execFileSync(program ?? "", ["backup", "--quiet", password], { env: environment });
  }, 30_000);

  it("opens with both passwords between stage and revoke, and with the new one alone after; each step twice", async () => {
    await rotation().preflight(old);
    await rotation().stage(next, old);
    await rotation().stage(next, old);
    expect([await works(old), await works(next)]).toEqual(["accepted", "accepted"]);
    expect(readdirSync(join(repository, "keys"))).toHaveLength(2);
    await rotation().revoke(old, next);
    await rotation().revoke(old, next);
    expect([await works(old), await works(next)]).toEqual(["refused", "accepted"]);
  }, 60_000);

  it("takes a staged key back, and finds one that a lost operation left", async () => {
    const third = credential(undefined, "the-third-password-of-all");
    await rotation().stage(third, next);
    const orphans = await rotation({ other: async () => new Secret("backup-key", next.value.expose()) }).orphans?.();
    expect(orphans).toMatchObject([{ operation: "rotate-20260102T030405006-abcdef" }]);
    await rotation().unstage(third, next);
    expect([await works(third), await works(next)]).toEqual(["refused", "accepted"]);
  }, 60_000);

  it("shows no password in arguments, and leaves no file behind", () => {
    for (const { args, environment } of calls)
      expect(`${args.join(" ")} ${environment}`).not.toMatch(/password-of-all/);
    const left = ["/dev/shm", tmpdir()].filter((path) => existsSync(path)).flatMap((path) => readdirSync(path));
    expect(left.filter((name) => name.startsWith(`ringwall-secret-${process.pid}-`))).toEqual([]);
  });

  it("says so when the store's password does not open the repository", async () => {
    await expect(rotation().preflight(credential(undefined, "nonsense-nonsense-nonsense"))).rejects.toMatchObject({
      code: "permission",
    });
    await expect(rotation().preflight(undefined)).rejects.toMatchObject({ code: "secret-missing" });
  }, 30_000);
});
