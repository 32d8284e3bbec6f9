/**
 * A module from elsewhere is code that somebody else may change.
 *
 * Reads:  repository-file.configuration (OpenTofu: modules)
 * Passes: every module from elsewhere names a version, or a commit or tag of its repository.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { OpenTofuModule } from "../../facts/configuration/opentofu.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const moduleSourcePinned = defineControl({
  id: "supply-chain.module-source-pinned",
  on: "repository-file",
  software: ["opentofu"],
  severity: "medium",
  title: "Modules from elsewhere name a version",
  claim: "Every module that comes from elsewhere is pinned to a version or a commit.",
  threat:
    "Whoever may push to the module's repository, or takes it over, changes what your next `init` makes, with your credentials.",
  remedy:
    'Name a commit for a Git source (`source = "git::https://example.org/modules.git//network?ref=0123abc…"`) and a version for one of a registry (`version = "1.4.2"`).',
  judged:
    "Fails for a Git source without `ref`, or with a branch as `ref`, and low for a registry's module without `version`, and for archives over HTTP. A tag passes. Modules of the same repository are not judged.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["GV.SC-07"], coverage: ["V3"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "opentofu") return notApplicable("no OpenTofu configuration");
    return forbidAny(configuration.modules, judge, {
      what: "the list of modules from elsewhere",
      none: "every module from elsewhere names a version",
    });
  },
});

function judge({ address, source, version, place }: OpenTofuModule): Judgement | undefined {
  const extras = { place, detail: address };
  if (source.kind === "unknown") return cannotTell(`where ${address} comes from`, source.why, extras);
  const written = knownValue(source);
  if (written === undefined) return cannotTell(`where ${address} comes from`, "it names no source", extras);
  if (/^(?:git::|git@|github\.com\/|bitbucket\.org\/)|\.git(?:$|\/|\?)/.test(written))
    return judgeGit(address, written, extras);
  if (/^(?:https?|s3|gcs|oci):/.test(written)) {
    return fail(`${address} is fetched from an archive whose content nobody pins`, { ...extras, severity: "low" });
  }
  if (version.kind === "unknown") return cannotTell(`the version of ${address}`, version.why, extras);
  return knownValue(version) === undefined
    ? fail(`${address} names no version`, { ...extras, severity: "low" })
    : undefined;
}

function judgeGit(address: string, source: string, extras: { place: OpenTofuModule["place"]; detail: string }) {
  const ref = /[?&]ref=([^&]+)/.exec(source)?.[1];
  if (ref === undefined) return fail(`${address} takes whatever its repository holds: it names no \`ref\``, extras);
  return /^(?:main|master|develop|dev|trunk|HEAD|latest)$/.test(ref)
    ? fail(`${address} follows the branch ${ref}`, extras)
    : undefined;
}
