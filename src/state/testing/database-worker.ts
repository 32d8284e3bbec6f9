/**
 * A program: what one of several processes does at once to a database in the tests.
 *
 *     node database-worker.ts count FOLDER-OR-URL TIMES     adds one to a counter, read and written in one transaction
 *     node database-worker.ts hold FOLDER-OR-URL NAME       takes a lock, says "held", and never lets go
 *     node database-worker.ts job FOLDER-OR-URL QUEUE       takes a job, says "working", and never ends it
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "../database/open.ts";
import { openJobs } from "../database/open-jobs.ts";

const [what = "", where = "", argument = ""] = process.argv.slice(2);
const db = await openDatabase(where.startsWith("postgres:") ? { url: where } : { folder: where });
const wait = async () => {
  for (;;) await sleep(1_000);
};

if (what === "count") {
  await db.run(
    `insert into secret_records (stack, secret, version, downtime_ms, orphans) values ('s', 'counter', 1, 0, '[]')
     on conflict (stack, secret) do nothing`,
  );
  for (let times = 0; times < Number(argument); times++) {
    await db.transaction(async (inside) => {
      const lock = inside.kind === "postgres" ? " for update" : "";
      const [row] = await inside.all<{ downtime_ms: number }>(
        `select downtime_ms from secret_records where stack = 's' and secret = 'counter'${lock}`,
      );
      await inside.run("update secret_records set downtime_ms = ? where stack = 's' and secret = 'counter'", [
        (row?.downtime_ms ?? 0) + 1,
      ]);
    });
  }
  await db.close();
} else {
  const jobs = await openJobs(db);
  if (what === "hold") {
    await jobs.withLock(argument, async () => {
      process.stdout.write("held\n");
      await wait();
    });
  } else {
    await jobs.handle(argument, async () => {
      process.stdout.write("working\n");
      await wait();
    });
    await wait();
  }
}
