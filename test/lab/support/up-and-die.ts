/**
 * Brings the small stack up and kills itself with SIGKILL at one event, as a power cut would.
 *
 * Usage: up-and-die.ts FOLDER STACK EVENT — ends by the signal at that event (counted from 1), or with 0 when the `up`
 * told fewer and is complete.
 */

import { up } from "../../../src/operations/deploy/up.ts";
import { labDeployment } from "./deployment.ts";
import { labEngine } from "./engine.ts";
import { smallSecrets, smallStack } from "./small-stack.ts";

const [folder = "", name = "", event = "0"] = process.argv.slice(2);
const engine = await labEngine();
if ("missing" in engine) throw new Error(engine.missing);
let left = Number(event);
const deployment = await labDeployment(engine.client, smallStack({ name }), folder, {
  secrets: smallSecrets,
  tell: () => {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  },
});
await up(deployment, { healthTimeout: 60_000, confirm: () => Promise.resolve(true) });
