/**
 * A program: appends to a ledger in the tests, as one of several processes or to be killed.
 *
 *     node ledger-worker.ts STATE-FOLDER NAME TIMES     prints the index of each entry once it is durable, and why it ended
 *
 * With 0 times it prints how many entries there are.
 */
import { writeSync } from "node:fs";
import { LedgerFile } from "../ledger/ledger-file.ts";
import { testAction } from "./ledger-actions.ts";

const [folder = "", name = "", times = "1"] = process.argv.slice(2);
const ledger = await LedgerFile.open(folder, { stack: "shop" });
if (times === "0") writeSync(1, `${await ledger.size()}\n`);
try {
  for (let count = 0; count < Number(times); count++) {
    const { index } = await ledger.append(testAction(`${name}-${count}`));
    writeSync(1, `${index}\n`);
  }
} catch (error) {
  writeSync(1, `${error instanceof Error ? error.message : "failed"}\n`);
}
await ledger.close();
