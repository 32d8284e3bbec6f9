import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stackFrom } from "../../src/components/testing/stack.ts";
import { sshKey } from "../../src/operations/rotation/rotators/ssh/ssh-key.ts";
import { localConsumers } from "./rotation-local-consumers.ts";
import type { RotationScenario, ScenarioWorld } from "./rotation-scenario.ts";

const sshd = "/usr/sbin/sshd";

const stackOf = (port: number, knownHosts: string) =>
  stackFrom(`name: shop
services: { web: { image: "x:1" } }
secrets:
  admin-key: { kind: external, rotator: { ssh: { user: root, hosts: ["127.0.0.1:${port}"], knownHosts: ${knownHosts} } } }
`);

/** An administrator's key at a real OpenSSH, in a mount namespace where the home of root is a folder of the proof. */
export const sshScenarios: readonly RotationScenario[] = [
  {
    name: "ssh",
    skipped: () => {
      if (!existsSync(sshd)) return "OpenSSH's server is not installed";
      return process.getuid?.() === 0 ? undefined : "only root can give a daemon another home of root";
    },
    start: (folder) => start(`${folder}-issuer`),
    connect: async ({ port, knownHosts, place }) => {
      const refuse = () => Promise.reject(new Error("no service takes part"));
      const services = { ...localConsumers(String(place)), exec: refuse, deliverDerived: refuse, login: refuse };
      return { stack: stackOf(Number(port), String(knownHosts)), rotators: [sshKey], services };
    },
  },
];

async function start(place: string): Promise<ScenarioWorld> {
  mkdirSync(join(place, "home", ".ssh"), { recursive: true, mode: 0o700 });
  for (const name of ["host", "first"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(place, name)]);
  }
  const port = await freePort();
  const authorized = join(place, "home", ".ssh", "authorized_keys");
  writeFileSync(authorized, `# kept\n${readFileSync(join(place, "first.pub"), "utf8")}`, { mode: 0o600 });
  const knownHosts = join(place, "known_hosts");
  const hostKey = readFileSync(join(place, "host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
  const daemon = await startDaemon(place, port);
  const lets = (key: string | undefined) => letsIn(place, { port, knownHosts }, key);
  return {
    connection: { port, knownHosts, place },
    first: new Map([["admin-key", readFileSync(join(place, "first"), "utf8")]]),
    wrongMidway: async ({ store }) => (lets(store.get("admin-key")) ? [] : ["the present key does not let in"]),
    wrongAtEnd: async ({ store, all }) => {
      const present = store.get("admin-key");
      const former = [...all].filter((one) => one !== present && lets(one));
      const lines = readFileSync(authorized, "utf8")
        .split("\n")
        .filter((line) => line !== "");
      return [
        ...(lets(present) ? [] : ["the present key does not let in"]),
        ...(former.length === 0 ? [] : ["a former key still lets in"]),
        ...(lines.length === 2 && lines[0] === "# kept" ? [] : [`authorized_keys has ${lines.length} lines`]),
      ];
    },
    stop: async () => {
      daemon.kill();
    },
  };
}

async function startDaemon(place: string, port: number): Promise<ChildProcess> {
  mkdirSync("/run/sshd", { recursive: true });
  const settings = `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${join(place, "host")}\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nMaxStartups 100\n`;
  writeFileSync(join(place, "config"), settings);
  const script = `mount --bind ${join(place, "home")} /root && exec ${sshd} -D -e -f ${join(place, "config")}`;
  const daemon = spawn("unshare", ["-m", "sh", "-c", script], { stdio: "ignore" });
  for (let round = 0; round < 50; round++) {
    if (spawnSync("ssh-keyscan", ["-T", "1", "-p", `${port}`, "127.0.0.1"]).stdout.length > 0) return daemon;
    await sleep(100);
  }
  throw new Error("the daemon of OpenSSH did not start");
}

/** By the program itself, with a key in a file of its own. */
function letsIn(
  place: string,
  { port, knownHosts }: { readonly port: number; readonly knownHosts: string },
  key: string | undefined,
): boolean {
  const file = join(place, "tried");
  writeFileSync(file, key ?? "", { mode: 0o600 });
  const options = ["BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", `UserKnownHostsFile=${knownHosts}`];
  const args = [...options.flatMap((one) => ["-o", one]), "-i", file, "-p", `${port}`, "root@127.0.0.1", "true"];
  return spawnSync("ssh", args, { stdio: "ignore" }).status === 0;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
