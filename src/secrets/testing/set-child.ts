/** Writes values of its own, and counts one up that another process counts up too. For tests. */
import { AgeStore } from "../age-store.ts";
import { Secret } from "../secret.ts";

const [path = "", who = "", rounds = "0"] = process.argv.slice(2);
const store = new AgeStore(path);
let won = 0;
for (let round = 0; round < Number(rounds); round++) {
  await store.set(new Secret(`${who}${round}`, `${round}`));
  const version = await store.versionOf("counter");
  const counter = Number((await store.get("counter"))?.expose() ?? 0);
  const set = store.set(new Secret("counter", `${counter + 1}`), { expectVersion: version });
  won += await set.then(
    () => 1,
    () => 0,
  );
}
process.send?.(won);
