import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

/** A PostgreSQL of Debian's on a free port of loopback, with passwords asked for over the network alone. For tests. */
export interface LocalPostgres {
  readonly port: number;
  readonly socket: string;
  readonly programs: string;
  stop(): void;
}

const debianPrograms = "/usr/lib/postgresql";
/** PostgreSQL refuses to run as root; `nobody` of Debian. */
const nobody = { uid: 65_534, gid: 65_534 };

/** The folder of the newest server that is installed, or undefined where there is none. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(debianPrograms)) return undefined;
  const newest = readdirSync(debianPrograms).sort((a, b) => Number(b) - Number(a))[0];
  const folder = join(debianPrograms, newest ?? "", "bin");
  return existsSync(join(folder, "initdb")) ? folder : undefined;
}

export async function startPostgres(programs: string, port: number): Promise<LocalPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-postgres-"));
  const data = join(folder, "data");
  mkdirSync(data);
  const asRoot = process.getuid?.() === 0;
  if (asRoot) for (const path of [folder, data]) chownSync(path, nobody.uid, nobody.gid);
  const identity = asRoot ? nobody : {};
  const initdb = ["-D", data, "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"];
  execFileSync(join(programs, "initdb"), initdb, { ...identity, stdio: "ignore" });
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, "fsync=off", `unix_socket_directories=${folder}`];
  const server = spawn(join(programs, "postgres"), ["-D", data, ...settings.flatMap((one) => ["-c", one])], {
    ...identity,
    stdio: "ignore",
  });
  const started = { port, socket: folder, programs, stop: () => void 0 };
  await untilReady(started);
  return {
    ...started,
    stop: () => {
      server.kill("SIGINT");
      server.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    },
  };
}

async function untilReady({ socket, port }: Pick<LocalPostgres, "socket" | "port">): Promise<void> {
  for (let round = 0; ; round++) {
    const client = new pg.Client({ host: socket, port, user: "postgres", database: "postgres" });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (round >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
