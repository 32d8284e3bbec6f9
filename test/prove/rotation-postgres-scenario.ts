import { randomBytes } from "node:crypto";
import pg from "pg";
import { postgresRole } from "../../src/components/postgres/rotator.ts";
import { type LocalPostgres, postgresPrograms, startPostgres } from "../../src/components/testing/local-postgres.ts";
import { loginAt, runWithInput } from "../../src/components/testing/local-services.ts";
import { stackFrom } from "../../src/components/testing/stack.ts";
import { giveFirst, localConsumers, usedBy } from "./rotation-local-consumers.ts";
import type { Connection, RotationScenario, ScenarioWorld, Seen } from "./rotation-scenario.ts";

const stackOf = (inTurn: boolean) =>
  stackFrom(`name: shop
services:
  db: { use: postgres, settings: { database: postgres, roles: { app: { secret: app-password } } } }
  api: { image: "x:1", talksTo: [db], secrets: [{ secret: app-password, template: "${inTurn ? "{user}:" : ""}{value}" }] }
  worker: { image: "x:1", talksTo: [db], secrets: [{ secret: app-password, template: "${inTurn ? "{user}:" : ""}{value}" }] }
secrets: { app-password: password }
`);

const programs = postgresPrograms();
let server: Promise<LocalPostgres> | undefined;

/** One server for all runs of this process; what differs is in its roles. */
function running(): Promise<LocalPostgres> {
  server ??= startPostgres(programs ?? "", 24_000 + (process.pid % 10_000)).then((started) => {
    process.once("exit", () => started.stop());
    return started;
  });
  return server;
}

/** A role of a real PostgreSQL and its administrator, both rotated: two roles in turn, or one whose password changes. */
export const postgresScenarios: readonly RotationScenario[] = [true, false].map((inTurn) => ({
  name: inTurn ? "postgres" : "postgres-in-place",
  skipped: () => (programs === undefined ? "PostgreSQL is not installed" : undefined),
  start: (folder) => start(`${folder}-issuer`, inTurn),
  connect: async (connection) => ({
    stack: stackOf(inTurn),
    rotators: [postgresRole],
    services: {
      ...localConsumers(String(connection.place)),
      exec: (_service, [, ...args], options) =>
        runWithInput(`${programs ?? ""}/psql`, args, options?.stdin, {
          PGHOST: String(connection.socket),
          PGPORT: String(connection.port),
        }),
      deliverDerived: () => Promise.reject(new Error("PostgreSQL has no derived file")),
      login: (_from, attempt) => loginAt(Number(connection.port), attempt),
    },
  }),
}));

async function start(place: string, inTurn: boolean): Promise<ScenarioWorld> {
  const { socket, port } = await running();
  const connection: Connection = { socket, port, place };
  const first = new Map(
    ["app-password", "db-password"].map((name) => [name, `first-${randomBytes(12).toString("hex")}`]),
  );
  const [app = "", administrator = ""] = [first.get("app-password"), first.get("db-password")];
  await asAdministrator(socket, port, [
    "DROP ROLE IF EXISTS app",
    "DROP ROLE IF EXISTS app_b",
    `CREATE ROLE app LOGIN PASSWORD '${app}'`,
    `ALTER ROLE postgres PASSWORD '${administrator}'`,
  ]);
  for (const service of ["api", "worker"])
    await giveFirst(place, service, "app-password", { account: "app", value: app });
  await giveFirst(place, "db", "db-password", { account: "postgres", value: administrator });
  return {
    connection,
    first,
    wrongMidway: (seen) => wrongMidway(place, port, inTurn, seen),
    wrongAtEnd: (seen) => wrongAtEnd(place, port, seen),
    stop: async () => {},
  };
}

async function asAdministrator(host: string, port: number, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ host, port, user: "postgres", database: "postgres" });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** By another client than the one that rotates, over the network. */
async function signsIn(port: number, user: string, password: string): Promise<boolean> {
  const client = new pg.Client({ host: "127.0.0.1", port, user, database: "postgres", password });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

const roles: Readonly<Record<string, readonly string[]>> = {
  "app-password": ["app", "app_b"],
  "db-password": ["postgres"],
};

async function wrongMidway(place: string, port: number, inTurn: boolean, seen: Seen): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const service of ["api", "worker"]) {
    const used = await usedBy(place, service, "app-password");
    const works = used !== undefined && (await signsIn(port, used.account ?? "app", used.value));
    if (inTurn && !works) wrong.push(`${service} cannot sign in to PostgreSQL`);
  }
  for (const [secret, names] of Object.entries(roles)) {
    const kept = ["", "--next", "--previous"].flatMap((end) => seen.store.get(`${secret}${end}`) ?? []);
    const tries = await Promise.all(names.flatMap((role) => kept.map((value) => signsIn(port, role, value))));
    if (!tries.includes(true)) wrong.push(`the store has no ${secret} that PostgreSQL takes`);
  }
  return wrong;
}

async function wrongAtEnd(place: string, port: number, seen: Seen): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const service of ["api", "worker"]) {
    const used = await usedBy(place, service, "app-password");
    const account = seen.accounts.get("app-password") ?? "app";
    if (used?.value !== seen.store.get("app-password") || used?.account !== account) {
      wrong.push(`${service} does not use what the store and the record say`);
    }
    if (used === undefined || !(await signsIn(port, account, used.value))) wrong.push(`${service} cannot sign in`);
  }
  const present = new Set([seen.store.get("app-password"), seen.store.get("db-password")]);
  if (!(await signsIn(port, "postgres", seen.store.get("db-password") ?? "")))
    wrong.push("the administrator cannot sign in");
  for (const value of seen.all) {
    if (present.has(value)) continue;
    for (const role of Object.values(roles).flat()) {
      if (await signsIn(port, role, value)) wrong.push(`a former value still works for ${role}`);
    }
  }
  return wrong;
}
