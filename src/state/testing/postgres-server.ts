import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A PostgreSQL of its own, on a socket in its folder; no port. */
export interface PostgresServer {
  /** The address of a new, empty database. */
  newDatabase(name: string): string;
  stop(): Promise<void>;
}

/** Where Debian and others put the server's programs; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin")).find((path) => existsSync(join(path, "initdb")));
}

/** Makes and starts a server in a temporary folder. PostgreSQL does not run as root: as root it runs as `nobody`. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const folder = mkdtempSync(join(tmpdir(), "ringwall-pg-"));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  const data = join(folder, "data");
  const environment = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", HOME: folder };
  const run = (program: string, args: readonly string[]) =>
    execFileSync(join(programs, program), args, { ...user, cwd: folder, env: environment, stdio: "pipe" });
  run("initdb", ["-D", data, "-U", "ringwall", "-A", "trust", "--no-sync", "--no-instructions"]);
  const settings = ["listen_addresses=", `unix_socket_directories=${folder}`, "fsync=off", "max_connections=60"];
  const server = spawn(join(programs, "postgres"), ["-D", data, ...settings.flatMap((one) => ["-c", one])], {
    ...user,
    cwd: folder,
    env: environment,
    stdio: "ignore",
  });
  await untilReady(() => run("pg_isready", ["-h", folder, "-U", "ringwall"]), server);
  return {
    newDatabase: (name) => {
      run("createdb", ["-h", folder, "-U", "ringwall", name]);
      return `postgres://ringwall@/${name}?host=${encodeURIComponent(folder)}`;
    },
    stop: async () => {
      server.kill("SIGQUIT");
      if (server.exitCode === null) await new Promise((resolve) => server.once("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(ask: () => unknown, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error("the PostgreSQL of the test has ended");
    try {
      ask();
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error("the PostgreSQL of the test did not start");
}
