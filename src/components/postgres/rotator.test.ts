import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ServiceControl } from "../../contracts/rotator.ts";
import { type LocalPostgres, postgresPrograms, startPostgres } from "../testing/local-postgres.ts";
import { credential, loginAt, runWithInput, testTools } from "../testing/local-services.ts";
import { stackFrom } from "../testing/stack.ts";
import { postgresRole } from "./rotator.ts";

const declaration = (template: string) => `name: shop
services:
  db: { use: postgres, settings: { database: postgres, roles: { "app": { secret: app-password } } } }
  api:
    image: "x:1"
    talksTo: [db]
    secrets: [{ secret: app-password, target: /run/secrets/db, template: "${template}" }]
secrets: { app-password: password }
`;

const inTurn = stackFrom(declaration("user={user} password={value}"));
const inPlace = stackFrom(declaration("password={value}"));
const secretOf = (stack: typeof inTurn, name = "app-password") => {
  const found = stack.secrets.find((secret) => secret.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe("the rotation of a PostgreSQL role", () => {
  it("takes turns only where the service takes the role's name with the password, and says what it costs otherwise", () => {
    expect(postgresRole.outline(secretOf(inTurn), inTurn)).toMatchObject({
      consumers: ["api"],
      issuer: "db",
      overlap: true,
      downtime: { milliseconds: 0 },
    });
    const single = postgresRole.outline(secretOf(inPlace), inPlace);
    expect(single).toMatchObject({ overlap: false });
    expect(single?.downtime.milliseconds).toBeGreaterThan(0);
    expect(postgresRole.outline(secretOf(inTurn, "db-password"), inTurn)).toMatchObject({
      overlap: false,
      downtime: { milliseconds: 0 },
    });
  });

  it("leaves alone what no PostgreSQL of the stack issues", () => {
    const other = stackFrom('name: shop\nservices: { web: { image: "x:1", secrets: [key] } }\nsecrets: { key: hex }\n');
    expect(postgresRole.outline(secretOf(other, "key"), other)).toBeUndefined();
  });
});

const programs = postgresPrograms();
// covers: R12 | compose | real: PostgreSQL of Debian
describe.skipIf(programs === undefined)("the rotation of a PostgreSQL role on a real server", () => {
  let server: LocalPostgres;
  let services: ServiceControl;
  const admin = async <T extends pg.QueryResultRow>(sql: string): Promise<T[]> => {
    const client = new pg.Client({ host: server.socket, port: server.port, user: "postgres", database: "postgres" });
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const asRole = async (user: string, password: string) => {
    const client = new pg.Client({ host: "127.0.0.1", port: server.port, user, database: "postgres", password });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    server = await startPostgres(programs ?? "", 20_000 + (process.pid % 20_000));
    services = {
      isRunning: async () => true,
      exec: (_service, [, ...args], options) =>
        runWithInput(`${server.programs}/psql`, args, options?.stdin, {
          PGHOST: server.socket,
          PGPORT: `${server.port}`,
        }),
      deliver: async () => true,
      deliverDerived: async () => true,
      tell: async () => ({ how: "none" }),
      login: (_from, attempt) => loginAt(server.port, attempt),
    };
    await admin(`CREATE ROLE visitor NOLOGIN; CREATE ROLE app NOINHERIT LOGIN PASSWORD 'first-password';
      GRANT visitor TO app; ALTER ROLE app SET search_path TO "$user", 'odd, name'; ALTER ROLE app SET work_mem TO '7MB';
      ALTER ROLE app CONNECTION LIMIT 17; CREATE SCHEMA app AUTHORIZATION app`);
  }, 30_000);
  afterAll(() => server?.stop());

  it("lets both sign in between stage and revoke, and the old one no more after", async () => {
    const rotation = postgresRole.begin(secretOf(inTurn), inTurn, testTools(services));
    const old = credential("app", "first-password");
    await rotation.preflight(old);
    expect(rotation.nextAccount(old)).toBe("app_b");
    const next = credential("app_b", "second-password");
    await rotation.stage(next, old);
    await rotation.stage(next, old);
    for (const one of [old, next]) {
      expect(await rotation.verify(one, { kind: "host" })).toMatchObject({ outcome: "accepted" });
    }
    await rotation.revoke(old, next);
    await rotation.revoke(old, next);
    expect(await rotation.verify(old, { kind: "host" })).toMatchObject({ outcome: "refused" });
    expect(await rotation.verify(next, { kind: "host" })).toMatchObject({ outcome: "accepted" });
  });

  it("gives the second role all that the first one can, as the first one", async () => {
    const client = await asRole("app_b", "second-password");
    const { rows } = await client.query(
      "SELECT current_user, current_setting('search_path') AS path, current_setting('work_mem') AS memory",
    );
    await client.query("CREATE TABLE app.kept (id int); SET ROLE visitor; RESET ROLE");
    await client.end();
    expect(rows[0]).toEqual({ current_user: "app", path: '"$user", "odd, name"', memory: "7MB" });
    expect(await admin("SELECT tableowner FROM pg_tables WHERE tablename = 'kept'")).toEqual([{ tableowner: "app" }]);
    expect(await admin("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app_b'")).toEqual([{ rolconnlimit: 17 }]);
  });

  it("comes back to the first role at the next turn, waits for the second's sessions, and ends those that stay", async () => {
    const tools = testTools(services, { account: "app_b" });
    const rotation = postgresRole.begin(secretOf(inTurn), inTurn, tools);
    const [old, next] = [credential("app_b", "second-password"), credential("app", "third-password")];
    expect(rotation.nextAccount(old)).toBe("app");
    await rotation.stage(next, old);
    const stays = await asRole("app_b", "second-password");
    expect(await rotation.drained?.(old, 300)).toBe(false);
    await rotation.revoke(old, next);
    await expect(stays.query("SELECT 1")).rejects.toThrow();
    expect(await rotation.drained?.(old, 2_000)).toBe(true);
    expect(await rotation.verify(old, { kind: "host" })).toMatchObject({ outcome: "refused" });
    const client = await asRole("app", "third-password");
    await client.query("SELECT * FROM app.kept");
    await client.end();
  });

  it("takes a staged role back, and finds one that a lost operation left with a password", async () => {
    const rotation = postgresRole.begin(secretOf(inTurn), inTurn, testTools(services, { account: "app" }));
    const [old, next] = [credential("app", "third-password"), credential("app_b", "fourth-password")];
    await rotation.stage(next, old);
    expect(await rotation.orphans?.()).toMatchObject([
      { name: "role app_b of db", operation: "rotate-20260102T030405006-abcdef" },
    ]);
    await rotation.unstage(next, old);
    expect(await rotation.verify(next, { kind: "host" })).toMatchObject({ outcome: "refused" });
    expect(await rotation.verify(old, { kind: "host" })).toMatchObject({ outcome: "accepted" });
    expect(await rotation.orphans?.()).toEqual([]);
  });

  it("changes one role in place where nobody takes its name, ends what the old password opened, and can go back", async () => {
    const rotation = postgresRole.begin(secretOf(inPlace), inPlace, testTools(services));
    const [old, next] = [credential("app", "third-password"), credential("app", "fifth-password")];
    expect(rotation.nextAccount(old)).toBe("app");
    const before = await asRole("app", "third-password");
    await rotation.stage(next, old);
    await rotation.unstage(next, old);
    expect(await rotation.verify(old, { kind: "host" })).toMatchObject({ outcome: "accepted" });
    await rotation.stage(next, old);
    const after = await asRole("app", "fifth-password");
    await rotation.revoke(old, next);
    await expect(before.query("SELECT 1")).rejects.toThrow();
    await after.query("SELECT 1");
    await after.end();
    expect(await rotation.verify(old, { kind: "host" })).toMatchObject({ outcome: "refused" });
  });

  it("says which role is missing, and shows no password in the server's words", async () => {
    const missing = stackFrom(declaration("{user}{value}").replace('"app"', "ghost"));
    const rotation = postgresRole.begin(secretOf(missing), missing, testTools(services));
    await expect(rotation.preflight(undefined)).rejects.toMatchObject({
      code: "not-found",
      message: 'PostgreSQL in "db" has no role ghost.',
    });
    const failure = await rotation.stage(credential("ghost", "value-that-is-secret"), undefined).catch(String);
    expect(failure).toMatch(/ghost/);
    expect(failure).not.toMatch(/value-that-is-secret|SCRAM-SHA-256\$/);
  });
});
