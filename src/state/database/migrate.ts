import { RingwallError } from "../../lib/error.ts";
import type { Database } from "./database.ts";
import { type Migration, migrations } from "./migrations.ts";

/**
 * Brings the schema of a database up to this version of Ringwall, in one transaction that `lock` makes the only one. A
 * database that a newer Ringwall has brought further is refused, for what it holds would be misread.
 */
export async function migrate(
  db: Database,
  place: string,
  lock: (db: Database) => Promise<void>,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  const newest = steps.at(-1)?.version ?? 0;
  await db.transaction(async (inside) => {
    await lock(inside);
    await inside.run("create table if not exists ringwall_schema (version bigint primary key, at text not null)");
    const [found] = await inside.all<{ version: number | null }>("select max(version) as version from ringwall_schema");
    const version = found?.version ?? 0;
    if (version > newest) throw newerSchema(place, version, newest);
    for (const step of steps) {
      if (step.version <= version) continue;
      for (const statement of step.statements) await inside.run(statement);
      await inside.run("insert into ringwall_schema (version, at) values (?, ?)", [
        step.version,
        new Date().toISOString(),
      ]);
    }
  });
}

function newerSchema(place: string, found: number, known: number): RingwallError {
  return new RingwallError(
    "unsupported",
    `${place} was written by a newer Ringwall: its schema has version ${found}, and this one knows ${known}.`,
    { hint: "Use the newer Ringwall, or name another place for the state; nothing was changed." },
  );
}
