import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testTools } from "../../src/components/testing/local-services.ts";
import { stackFrom } from "../../src/components/testing/stack.ts";
import type { Credential, HostProgram, ServiceControl } from "../../src/contracts/rotator.ts";
import { sshKey } from "../../src/operations/rotation/rotators/ssh/ssh-key.ts";
import { Secret } from "../../src/secrets/secret.ts";

const sshd = "/usr/sbin/sshd";
const host = { kind: "host" } as const;

/**
 * Two daemons of OpenSSH on loopback, in a mount namespace of their own where the home of root is a folder of the test:
 * no account and no file of this machine is touched.
 */
// covers: R16 | host | real: OpenSSH of Debian
describe.skipIf(!existsSync(sshd) || process.getuid?.() !== 0)("the rotation of an SSH key on real hosts", () => {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-ssh-"));
  const ports = [22_000 + (process.pid % 10_000), 32_000 + (process.pid % 10_000)];
  const daemons: ChildProcess[] = [];
  const keysOf = (port: number) => join(folder, `home-${port}`, ".ssh", "authorized_keys");
  const knownHosts = join(folder, "known_hosts");
  const stack = stackFrom(`name: shop
services: { web: { image: "x:1" } }
secrets:
  admin-key: { kind: external, rotator: { ssh: { user: root, hosts: ["127.0.0.1:${ports[0]}", "127.0.0.1:${ports[1]}"], knownHosts: ${knownHosts} } } }
`);
  const [secret] = stack.secrets;
  if (secret === undefined) throw new Error("no secret");
  const calls: string[] = [];
  const run: HostProgram = (command, args, options) => {
    calls.push([command, ...args].join(" "));
    return testTools({} as ServiceControl).run(command, args, options);
  };
  const rotation = () => sshKey.begin(secret, stack, testTools({} as ServiceControl, { run }));
  const works = async (one: Credential) => (await rotation().verify(one, host)).outcome;
  let old: Credential;
  let next: Credential;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "host")]);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "first", "-f", join(folder, "first")]);
    old = { account: undefined, value: new Secret("admin-key", readFileSync(join(folder, "first"), "utf8")) };
    const hostKey = readFileSync(join(folder, "host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
    writeFileSync(knownHosts, ports.map((port) => `[127.0.0.1]:${port} ${hostKey}\n`).join(""));
    mkdirSync("/run/sshd", { recursive: true });
    for (const port of ports) {
      mkdirSync(join(folder, `home-${port}`, ".ssh"), { recursive: true, mode: 0o700 });
      const line = `from="127.0.0.1",no-pty ${readFileSync(join(folder, "first.pub"), "utf8")}`;
      writeFileSync(keysOf(port), `# kept\n${line}`, { mode: 0o640 });
      const settings = `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${join(folder, "host")}\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n`;
      writeFileSync(join(folder, `config-${port}`), settings);
      const script = `mount --bind ${join(folder, `home-${port}`)} /root && exec ${sshd} -D -e -f ${join(folder, `config-${port}`)}`;
      daemons.push(spawn("unshare", ["-m", "sh", "-c", script], { stdio: "ignore" }));
    }
    for (let round = 0; round < 50 && (await works(old)) !== "accepted"; round++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, 30_000);
  afterAll(() => {
    for (const daemon of daemons) daemon.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("lets both keys in under the same options, then the new one alone; each step twice", async () => {
    await rotation().preflight(old);
    const value = await rotation().obtain?.(old);
    if (value === undefined) throw new Error("no key was made");
    next = { account: undefined, value };
    await rotation().stage(next, old);
    await rotation().stage(next, old);
    expect([await works(old), await works(next)]).toEqual(["accepted", "accepted"]);
    const lines = readFileSync(keysOf(ports[0] ?? 0), "utf8")
      .trim()
      .split("\n");
    expect(lines).toHaveLength(3);
    expect(lines.slice(1).every((line) => line.startsWith('from="127.0.0.1",no-pty ssh-ed25519 '))).toBe(true);
    await rotation().revoke(old, next);
    await rotation().revoke(old, next);
    expect([await works(old), await works(next)]).toEqual(["refused", "accepted"]);
    expect(statSync(keysOf(ports[0] ?? 0)).mode & 0o777).toBe(0o640);
    expect(readFileSync(keysOf(ports[1] ?? 0), "utf8")).toMatch(/^# kept\n/);
  }, 60_000);

  it("takes a staged key back", async () => {
    const value = await rotation().obtain?.(next);
    if (value === undefined) throw new Error("no key was made");
    const third = { account: undefined, value };
    await rotation().stage(third, next);
    await rotation().unstage(third, next);
    expect([await works(third), await works(next)]).toEqual(["refused", "accepted"]);
  }, 60_000);

  it("tells a host that does not answer, or that nobody knows, from one that refuses", async () => {
    const unknown = stackFrom(`name: shop
services: { web: { image: "x:1" } }
secrets: { admin-key: { kind: external, rotator: { ssh: { user: root, hosts: ["127.0.0.1:${ports[0]}"], knownHosts: /dev/null } } } }
`);
    const [other] = unknown.secrets;
    if (other === undefined) throw new Error("no secret");
    const stranger = sshKey.begin(other, unknown, testTools({} as ServiceControl, { run }));
    expect(await stranger.verify(next, host)).toMatchObject({ outcome: "unreachable" });
    await expect(stranger.preflight(next)).rejects.toMatchObject({ code: "network" });
  }, 30_000);

  it("shows no private key in arguments", () => {
    for (const call of calls) expect(call).not.toMatch(/PRIVATE KEY|b3BlbnNzaC1rZXktdjE/);
  });
});
