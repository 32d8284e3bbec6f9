/** Encrypts a store anew and kills itself without warning after so many files were exchanged. For tests. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AgeStore } from "../age-store.ts";

const [path = "", after = "0"] = process.argv.slice(2);
const store = new AgeStore(path);
const names = await store.list();
const before = new Map(names.map((name) => [name, read(name)]));
const watch = setInterval(() => {
  const changed = names.filter((name) => read(name) !== before.get(name)).length;
  if (changed > Number(after)) process.kill(process.pid, "SIGKILL");
}, 0);
await store.reencrypt(new Date("2026-11-21T00:00:00Z"));
clearInterval(watch);

function read(name: string): string {
  return readFileSync(join(path, "secrets", `${name}.age`), "latin1");
}
