/**
 * A ulimit without a bound takes away the one that the engine sets.
 *
 * Reads:  container.ulimits
 * Passes: no limit is unbounded but that of locked memory.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { Ulimit } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { fail, forbidAny } from "../judge.ts";

const mostOpenFiles = 1_048_576;

export const ulimitsBounded = defineControl({
  id: "workload.ulimits-bounded",
  on: "container",
  platforms: ["compose", "incus"],
  severity: "low",
  title: "Resource limits stay bounded",
  claim: "No container lifts the bounds on processes, open files or core dumps.",
  threat: "Unbounded processes or files exhaust the host; core dumps write what is in memory, secrets too, to disk.",
  remedy:
    "Give numbers under `ulimits:`, for example `nofile: { soft: 65536, hard: 65536 }` and `core: 0`, or remove the entry and keep the engine's.",
  remedies: {
    incus:
      'Give numbers: `"limits.kernel.nofile" = "65536:65536"`, or remove the key under `limits.kernel.` and keep the server\'s own.',
  },
  judged:
    "Fails for `nproc` or `nofile` without a bound, `nofile` above 1048576, and any `core` above zero. Locked memory (`memlock`) may be unbounded, as search engines ask. No entry passes: the engine's own limits hold.",
  frameworks: { cisDocker: ["5.19"], owaspDocker: ["D07"], nistCsf: ["PR.IR-04"], coverage: ["W3"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "A core dump is not written, or more open files than 65,536 are refused.",
    onlyNamed: true,
    edits(_container, _system, judgement) {
      if (judgement.detail === "core") return wordAt(judgement, "-1|unlimited", "0");
      return judgement.detail === "nofile" ? wordAt(judgement, "-1|unlimited", "65536") : undefined;
    },
  },

  check(container) {
    return forbidAny(container.ulimits, judge, { what: "the list of ulimits", none: "no ulimit is unbounded" });
  },
});

function judge({ name, hard, place }: Ulimit): Judgement | undefined {
  const unbounded = hard < 0;
  const extras = { place, detail: name };
  if (name === "nproc" && unbounded) return fail("the ulimit nproc has no bound", extras);
  if (name === "nofile" && (unbounded || hard > mostOpenFiles)) {
    return fail(unbounded ? "the ulimit nofile has no bound" : `the ulimit nofile is ${hard}`, extras);
  }
  if (name === "core" && hard !== 0) return fail("core dumps are allowed", extras);
  return undefined;
}
