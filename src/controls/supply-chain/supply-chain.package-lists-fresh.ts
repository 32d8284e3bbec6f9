/**
 * Package lists in a layer of their own are taken from the cache, and old packages with them.
 *
 * Reads:  repository-file.configuration (risks of a Dockerfile)
 * Passes: lists are fetched in the step that installs.
 */
import { defineControl } from "../define.ts";
import { forbidRisks } from "../knowledge/build-risks.ts";

export const packageListsFresh = defineControl({
  id: "supply-chain.package-lists-fresh",
  on: "repository-file",
  software: ["dockerfile"],
  severity: "low",
  title: "Package lists are fetched in the step that installs",
  claim: "No image is built with package lists of an earlier build.",
  threat: "A rebuild that should bring patched packages brings those of the day on which the layer was cached.",
  remedy: "Write both in one step: `RUN apt-get update && apt-get install -y --no-install-recommends …`.",
  judged: "Fails for a `RUN` that ends with `apt-get update` (or `apk update`, `zypper refresh`) and installs nothing.",
  frameworks: { cisDocker: ["4.7"], owaspDocker: ["D02"], nistCsf: ["PR.PS-02"], coverage: ["V6"] },
  exposureMatters: false,

  check(file) {
    return forbidRisks(file, { "package-lists-alone": "low" }, "no step fetches package lists alone");
  },
});
