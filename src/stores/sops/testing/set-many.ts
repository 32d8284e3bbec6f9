/** A process of its own that sets one name after another, and says each that is done: `set-many.ts FOLDER RECIPIENT PREFIX`. */
import { join } from "node:path";
import { ruleFor } from "../../../formats/sops/document/encryption-rule.ts";
import { Secret } from "../../../secrets/secret.ts";
import { SopsStore } from "../sops-store.ts";

const [folder = "", recipient = "", prefix = "", count = "0"] = process.argv.slice(2);
const store = new SopsStore(join(folder, "secrets.sops.yaml"), {
  identities: [join(folder, "identity")],
  lock: join(folder, ".ringwall", "sops.lock"),
  rule: ruleFor([recipient]),
});
for (let at = 0; at < Number(count); at++) {
  await store.set(new Secret(`${prefix}${at}`, `value-of-${prefix}${at}`));
  process.stdout.write(`${prefix}${at}\n`);
}
