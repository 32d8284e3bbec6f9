/**
 * A secret that stands in a log is kept by everything that keeps logs.
 *
 * Reads:  secret-reference.exposedIn
 * Passes: the probe looked everywhere it should and found the value nowhere.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const valueUnexposed = defineControl({
  id: "secrets.value-unexposed",
  on: "secret-reference",
  severity: "critical",
  title: "No secret shows on the running system",
  claim: "No secret's value shows in what the engine tells, in arguments, environments or logs.",
  threat: "Whoever may read logs, list processes or ask the engine has the secret, backups of logs included.",
  remedy:
    "Replace the secret (`ringwall secrets generate NAME`, then `ringwall up`), after what printed it was mended: take it out of arguments and environment, lower the log level, deliver it as a file.",
  judged:
    "Fails for each place where a probe found the value. Unknown when the probe could not read a place, or the store does not have the value to look for. Not applicable where no probe looked.",
  frameworks: { owaspDocker: ["D06", "D10"], nistCsf: ["PR.DS-10"], coverage: ["S3", "S9"] },
  exposureMatters: false,

  check({ exposedIn, secret }) {
    if (exposedIn === undefined) return notApplicable("no probe looked");
    return forbidAny(exposedIn, (where) => fail(`the value of ${secret} stands in ${where}`, { detail: where }), {
      what: "what the probe could read",
      none: `the value of ${secret} was found nowhere`,
    });
  },
});
