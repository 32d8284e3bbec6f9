/**
 * Logs without a bound fill the disk, and a full disk stops everything, the next log too.
 *
 * Reads:  container.logDriver
 * Passes: the driver rotates, or ships the log away.
 */
import type { Edit } from "../../contracts/fix.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { setBelow } from "../fix.ts";
import { demand } from "../judge.ts";

const shipsAway = new Set([
  "local",
  "journald",
  "syslog",
  "gelf",
  "fluentd",
  "awslogs",
  "gcplogs",
  "splunk",
  "loki",
  "logentries",
  "etwlogs",
]);

export const logBounded = defineControl({
  id: "detection.log-bounded",
  on: "container",
  platforms: ["compose", "kubernetes"],
  severity: "low",
  title: "Logs are kept, and bounded",
  claim: "Every container's log is kept, and cannot fill the disk.",
  threat: "Whoever makes a service talk fills the host's disk, which stops databases and hides what came after.",
  remedy:
    'Add `logging: { driver: json-file, options: { max-size: "10m", max-file: "3" } }`, or `driver: local`, which rotates by itself; or set the same for all in the engine\'s `daemon.json`.',
  judged:
    "Fails for `json-file` without `max-size`, for `none`, which keeps nothing, and when nothing is stated, for the engine's own default has no bound unless its configuration says so: a `daemon.json` in the same repository counts for its Compose projects, unless it lies in the folder of another machine; several that say different things leave it unknown.",
  frameworks: { owaspDocker: ["D07", "D10"], nistCsf: ["PR.PS-04"], coverage: ["M4"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The log is kept as json-file whatever the engine's own default is, and lines beyond its last 30 MB are dropped.",
    edits(container) {
      const { platform, logDriver } = container;
      const stated = knownValue(logDriver);
      // Who chose another driver, or a size, chose it.
      if (platform !== "compose" || logDriver.kind === "unknown") return undefined;
      if (stated !== undefined && (stated.driver !== "json-file" || stated.options["max-size"] !== undefined))
        return undefined;
      const files = stated?.options["max-file"] === undefined ? [set(container, ["options", "max-file"], "3")] : [];
      return [set(container, ["driver"], "json-file"), set(container, ["options", "max-size"], "10m"), ...files];
    },
  },

  check(container) {
    return demand(container.logDriver, ({ driver, options }) => isBounded(driver, options), {
      what: "the log driver",
      show: ({ driver, options }) =>
        driver === "json-file"
          ? `json-file ${options["max-size"] === undefined ? "without a bound" : `up to ${options["max-size"]}`}`
          : driver,
      unstated: "and the engine's default keeps everything",
    });
  },
});

function set(container: Container, path: readonly string[], value: string): Edit {
  return setBelow(container, ["logging", ...path], value);
}

function isBounded(driver: string, options: Readonly<Record<string, string>>): boolean {
  if (driver === "json-file" || driver === "") return /^\d+[kmg]?b?$/i.test(options["max-size"] ?? "");
  return shipsAway.has(driver) || driver.includes("/") || driver.includes(":");
}
