/**
 * One service that eats the host's memory stops all the others.
 *
 * Reads:  container.memoryLimit
 * Passes: a limit above zero is stated.
 */
import { defineControl } from "../define.ts";
import { demand } from "../judge.ts";

export const memoryLimited = defineControl({
  id: "workload.memory-limited",
  on: "container",
  severity: "low",
  title: "Memory is limited",
  claim: "Every container has a memory limit.",
  threat:
    "A leak, or requests made to fill the memory, make the kernel kill processes of other services, the proxy and the alerting among them.",
  remedy: "Add a limit, for example `mem_limit: 512m` (or `deploy.resources.limits.memory: 512m`).",
  judged: "Fails when no limit is stated, or one of zero, which means none.",
  frameworks: { cisDocker: ["5.11"], owaspDocker: ["D07"], nistCsf: ["PR.IR-04"], coverage: ["W3"] },
  exposureMatters: false,

  check(container) {
    return demand(container.memoryLimit, (bytes) => bytes > 0, { what: "the memory limit", show: showBytes });
  },
});

function showBytes(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes >= 1 ? `${Math.round(mebibytes)} MiB` : `${bytes} bytes`;
}
