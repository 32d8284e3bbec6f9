import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, postgresPrograms, startPostgres } from "../testing/postgres-server.ts";
import type { Database } from "./database.ts";
import { LocalJobs } from "./local-jobs.ts";
import { openDatabase } from "./open.ts";
import { openJobs } from "./open-jobs.ts";
import { markExposed, recordsOf, type SecretRecord } from "./records.ts";
import { openSqlite } from "./sqlite.ts";

const programs = postgresPrograms();
const worker = fileURLToPath(new URL("../testing/database-worker.ts", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "ringwall-database-"));
let server: PostgresServer | undefined;
let made = 0;

beforeAll(async () => {
  if (programs !== undefined) server = await startPostgres(programs);
});
afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** The address of a new, empty database of this kind. */
function newPlace(kind: "sqlite" | "postgres"): string {
  const name = `state${made++}`;
  if (kind === "postgres") return server?.newDatabase(name) ?? "";
  mkdirSync(join(scratch, name));
  return join(scratch, name);
}

function open(place: string): Promise<Database> {
  return openDatabase(place.startsWith("postgres:") ? { url: place } : { folder: place });
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, ["--no-warnings", worker, ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("exit", resolve));
const spoken = (child: ChildProcess) => new Promise((resolve) => child.stdout?.once("data", resolve));

async function until(condition: () => boolean, milliseconds = 8_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !condition(); await sleep(20)) {
    if (Date.now() > end) throw new Error("it did not come about");
  }
}

const secret: SecretRecord = {
  stack: "shop",
  secret: "db-password",
  account: null,
  version: 0,
  rotatedAt: null,
  exposedSince: null,
  downtimeMs: null,
  rotator: null,
  orphans: [],
};

describe.each(["sqlite", "postgres"] as const)("the state in %s", (kind) => {
  const test = it.skipIf(kind === "postgres" && programs === undefined);
  const opened: Database[] = [];
  const openNew = async () => {
    const db = await open(newPlace(kind));
    opened.push(db);
    return db;
  };
  afterAll(() => Promise.all(opened.map((db) => db.close())));

  // covers: M7 | any | real: PostgreSQL 15
  test("keeps a secret's record only for who changed what they read", async () => {
    const { secrets } = recordsOf(await openNew());
    expect(await secrets.get("shop", "db-password")).toBeUndefined();
    const first = await secrets.put({ ...secret, rotator: "postgres" });
    expect(first).toEqual({ ...secret, rotator: "postgres", version: 1 });
    const second = await secrets.put({
      ...first,
      exposedSince: "2026-11-02T00:00:00.000Z",
      account: "b",
      downtimeMs: 0,
      orphans: ["app_rotate-1"],
    });
    expect(await secrets.get("shop", "db-password")).toEqual(second);
    await expect(secrets.put({ ...first, account: "c" })).rejects.toMatchObject({ code: "conflict" });
    await expect(secrets.put(secret)).rejects.toMatchObject({ code: "conflict" });
    await secrets.put({ ...secret, secret: "Api-key" });
    await secrets.put({ ...secret, secret: "api-key" });
    expect((await secrets.list("shop")).map((one) => one.secret)).toEqual(["Api-key", "api-key", "db-password"]);
    expect(await secrets.list("other")).toEqual([]);
  });

  test("keeps operations, the latest verdict of each subject and lens, and evidence once", async () => {
    const { operations, verdicts, evidence } = recordsOf(await openNew());
    const up = {
      id: "up-1",
      name: "up",
      stack: "shop",
      principal: "user root@host",
      startedAt: "2026-01-01T00:00:00Z",
    };
    await operations.put({ ...up, endedAt: null, outcome: null });
    await operations.put({ ...up, endedAt: "2026-01-01T00:01:00Z", outcome: "done" });
    await operations.put({ ...up, id: "up-2", startedAt: "2026-01-02T00:00:00Z", endedAt: null, outcome: null });
    expect((await operations.list("shop", 10)).map(({ id, outcome }) => [id, outcome])).toEqual([
      ["up-2", null],
      ["up-1", "done"],
    ]);
    const id = await evidence.put({ kind: "log", text: "it's\n“quoted” ? $1", at: "2026-01-01T00:00:00Z" });
    expect(await evidence.put({ kind: "log", text: "it's\n“quoted” ? $1", at: "2026-01-02T00:00:00Z" })).toBe(id);
    expect(await evidence.get(id)).toMatchObject({ text: "it's\n“quoted” ? $1", at: "2026-01-01T00:00:00Z" });
    const verdict = { stack: "shop", control: "edge.x", subject: "web", lens: "running", at: "t" } as const;
    await verdicts.put([{ ...verdict, verdict: "fail", evidence: [id] }]);
    await verdicts.put([{ ...verdict, verdict: "pass", evidence: [] }]);
    await verdicts.put([{ ...verdict, lens: "measured", verdict: "unknown", evidence: [] }]);
    expect((await verdicts.list("shop")).map((one) => [one.lens, one.verdict]).sort()).toEqual([
      ["measured", "unknown"],
      ["running", "pass"],
    ]);
  });

  test("keeps all of a transaction or nothing of it, and one after another", async () => {
    const db = await openNew();
    const records = recordsOf(db);
    const failing = db.transaction(async (inside) => {
      await recordsOf(inside).secrets.put(secret);
      throw new Error("stop");
    });
    await expect(failing).rejects.toThrow("stop");
    expect(await records.secrets.list("shop")).toEqual([]);
    const many = Array.from({ length: 20 }, (_, index) =>
      db.transaction(async (inside) => {
        await recordsOf(inside).secrets.put({ ...secret, secret: `s${index}` });
        await sleep(1);
      }),
    );
    await Promise.all(many);
    expect(await records.secrets.list("shop")).toHaveLength(20);
  });

  // covers: M7 | any | real: PostgreSQL 15
  test("loses no change of several processes at once, who also make it together", async () => {
    const place = newPlace(kind);
    const codes = await Promise.all(Array.from({ length: 3 }, () => ended(start("count", place, "25"))));
    expect(codes).toEqual([0, 0, 0]);
    const db = await open(place);
    opened.push(db);
    expect((await recordsOf(db).secrets.get("s", "counter"))?.downtimeMs).toBe(75);
  });

  test("brings a database of the first version further, with what it holds", async () => {
    const place = newPlace(kind);
    const db = await open(place);
    const first = await recordsOf(db).secrets.put({ ...secret, rotatedAt: "2026-01-01T00:00:00.000Z" });
    await db.run("alter table secret_records drop column exposed_since");
    await db.run("delete from ringwall_schema where version > 1");
    await db.close();
    const again = await open(place);
    opened.push(again);
    const { secrets } = recordsOf(again);
    expect(await secrets.get("shop", "db-password")).toEqual(first);
    await markExposed(secrets, "shop", { at: "2026-01-02T00:00:00.000Z", secrets: ["db-password", "other"] });
    await markExposed(secrets, "shop", { at: "2026-01-03T00:00:00.000Z", secrets: ["db-password"] });
    expect(await secrets.list("shop")).toMatchObject([
      { rotatedAt: "2026-01-01T00:00:00.000Z", exposedSince: "2026-01-02T00:00:00.000Z", version: 2 },
      { secret: "other", rotatedAt: null, exposedSince: "2026-01-02T00:00:00.000Z" },
    ]);
  });

  test("refuses a database that a newer Ringwall has written, and changes nothing", async () => {
    const place = newPlace(kind);
    const db = await open(place);
    await db.run("insert into ringwall_schema (version, at) values (99, 'later')");
    await db.close();
    await expect(open(place)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/newer Ringwall: its schema has version 99, and this one knows \d+/),
    });
  });

  test("lets one hold a lock, says who does, and frees it when that process is killed", async () => {
    const place = newPlace(kind);
    const db = await open(place);
    opened.push(db);
    const jobs = await openJobs(db);
    const other = await openJobs(db);
    await jobs.withLock("secret db-password", async () => {
      await expect(other.withLock("secret db-password", async () => 1)).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining(`process ${process.pid} on `),
      });
      expect(await other.withLock("secret another", async () => 1)).toBe(1);
    });
    const holder = start("hold", place, "secret db-password");
    await spoken(holder);
    await expect(jobs.withLock("secret db-password", async () => 1)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`process ${holder.pid}`),
    });
    holder.kill("SIGKILL");
    await ended(holder);
    let result = 0;
    for (let tries = 0; result === 0 && tries < 50; tries++) {
      result = await jobs.withLock("secret db-password", async () => 2).catch(() => 0);
      await sleep(20);
    }
    expect(result).toBe(2);
    await expect(jobs.withLock("x", () => Promise.reject(new Error("its own")))).rejects.toThrow("its own");
    expect(await jobs.withLock("x", async () => 3)).toBe(3);
  });

  test("works on jobs once, tries again after a failure, and lets one of a key wait", async () => {
    const db = await openNew();
    const jobs = db.kind === "sqlite" ? new LocalJobs(await sameFile(db), { interval: 20 }) : await openJobs(db);
    expect(await jobs.enqueue("scan", { n: 1 }, { key: "one" })).not.toBeNull();
    expect(await jobs.enqueue("scan", { n: 2 }, { key: "one" })).toBeNull();
    await jobs.enqueue("scan", { n: 3 });
    await jobs.enqueue("scan", { n: 4 }, { after: new Date(Date.now() + 3_600_000) });
    const seen: unknown[] = [];
    let failed = false;
    await jobs.handle("scan", async ({ data }) => {
      seen.push(data.n);
      if (data.n === 3 && !failed) {
        failed = true;
        throw new Error("once");
      }
    });
    await until(() => seen.length >= 3);
    await jobs.stop();
    expect(seen.toSorted()).toEqual([1, 3, 3]);
    await expect(jobs.schedule("scan", "61 * * * *")).rejects.toThrow();
  });
});

async function sameFile(db: Database) {
  if (!("path" in db) || typeof db.path !== "string") throw new Error("no file");
  return openSqlite(db.path);
}

describe("jobs beside a SQLite file", () => {
  it("gives the job of a killed process to another", async () => {
    const place = newPlace("sqlite");
    const db = await openSqlite(join(place, "state.db"));
    const jobs = new LocalJobs(db, { interval: 20 });
    const id = await jobs.enqueue("rotate", {});
    const killed = start("job", place, "rotate");
    await spoken(killed);
    killed.kill("SIGKILL");
    await ended(killed);
    const seen: string[] = [];
    await jobs.handle("rotate", async (job) => void seen.push(job.id));
    await until(() => seen.length > 0);
    await jobs.stop();
    await db.close();
    expect(seen).toEqual([id]);
  });

  it("enqueues what is due once, however long nobody looked", async () => {
    const db = await openSqlite(join(newPlace("sqlite"), "state.db"));
    let now = new Date("2026-01-01T00:30:00Z");
    const jobs = new LocalJobs(db, { interval: 5, now: () => now });
    await jobs.schedule("daily", "0 3 * * *", { what: "scan" });
    let runs = 0;
    await jobs.handle("daily", async () => void runs++);
    await sleep(40);
    expect(runs).toBe(0);
    now = new Date("2026-01-05T04:00:00Z");
    await until(() => runs > 0);
    await jobs.schedule("daily", "0 3 * * *");
    await sleep(40);
    expect(runs).toBe(1);
    await jobs.stop();
    await db.close();
  });
});

describe("a SQLite file that cannot be used", () => {
  const fails = async (path: string) =>
    openSqlite(path, { patience: 50 }).then(
      (db) => db.close().then(() => "opened"),
      (error) => `${error.code}: ${error.message}`,
    );

  it("lies there for its owner alone", async () => {
    const place = newPlace("sqlite");
    const db = await openSqlite(join(place, "state.db"));
    for (const name of ["state.db", "state.db-wal", "state.db-shm"]) {
      expect(statSync(join(place, name)).mode & 0o777, name).toBe(0o600);
    }
    await db.close();
  });

  it("is told of in a sentence: no database, a link, a missing folder, locked", async () => {
    const place = newPlace("sqlite");
    writeFileSync(
      join(place, "text.db"),
      "this is a text, and long enough not to be taken for an empty database file\n".repeat(20),
    );
    expect(await fails(join(place, "text.db"))).toMatch(
      /^invalid: .*text\.db is damaged, or no database of Ringwall\./,
    );
    symlinkSync("/etc/passwd", join(place, "link.db"));
    expect(await fails(join(place, "link.db"))).toMatch(/^conflict: .*link\.db is not a regular file\./);
    expect(await fails(join(place, "none", "state.db"))).toMatch(/^not-found: .*its folder does not exist/);
    const path = join(place, "state.db");
    await (await openSqlite(path)).close();
    const holder = new DatabaseSync(path);
    holder.exec("begin immediate");
    expect(await fails(path)).toMatch(/^conflict: .*state\.db is locked by another process, and stayed so\./);
    holder.close();
    expect(await fails(path)).toBe("opened");
  });

  it.skipIf(process.getuid?.() === 0)("is told of in a sentence: read-only", async () => {
    const place = newPlace("sqlite");
    await (await openSqlite(join(place, "state.db"))).close();
    chmodSync(join(place, "state.db"), 0o400);
    expect(await fails(join(place, "state.db"))).toMatch(/^permission: /);
  });

  it("keeps what was there when the disk is full", async () => {
    const db = await openSqlite(join(newPlace("sqlite"), "state.db"));
    const records = recordsOf(db);
    await records.secrets.put(secret);
    await db.all("pragma max_page_count = 30");
    const filling = db.transaction(async (inside) => {
      for (let n = 0; n < 500; n++) {
        await recordsOf(inside).evidence.put({ kind: "x", text: `${n}`.repeat(2_000), at: "t" });
      }
    });
    await expect(filling).rejects.toMatchObject({ code: "disk", message: expect.stringContaining("the disk is full") });
    expect(await records.secrets.list("shop")).toHaveLength(1);
    await db.close();
  });

  it("finds a transaction that waits for itself, rather than hang", async () => {
    const db = await openSqlite(join(newPlace("sqlite"), "state.db"));
    await expect(db.transaction(() => db.all("select 1"))).rejects.toThrow("within a transaction");
    await db.close();
  });
});

describe("a PostgreSQL that cannot be used", () => {
  it("is told of in a sentence that holds no password", async () => {
    await expect(openDatabase({ url: "postgres://u:correct-horse@127.0.0.1:1/db" })).rejects.toMatchObject({
      code: "network",
      message: "The database db on 127.0.0.1:1 cannot be reached (ECONNREFUSED).",
    });
    await expect(openDatabase({ url: "mysql://u:correct-horse@h/db" })).rejects.toMatchObject({
      code: "invalid",
      message: "DATABASE_URL names no PostgreSQL.",
    });
    await expect(openDatabase({ url: "postgres://u:correct horse@:x/db" })).rejects.toMatchObject({ code: "invalid" });
  });

  it.skipIf(programs === undefined)("is told of in a sentence: no such database", async () => {
    const place = newPlace("postgres").replace(/\/state\d+\?/, "/absent?");
    await expect(open(place)).rejects.toMatchObject({ code: "not-found" });
  });
});
