/**
 * What follows a branch, a range or "latest" of somebody else's changes in the cluster when they like.
 *
 * Reads:  pipeline.flux: revision, own, verified; pipeline.argo: sources
 * Passes: the source or chart is one tag, digest or commit; or its signatures are verified.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { ArgoSource, FluxRelease, FluxRevision, FluxSource } from "../../facts/extensions-cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const deliveryPinned = defineControl({
  id: "supply-chain.delivery-pinned",
  on: "pipeline",
  severity: "low",
  title: "Charts and sources are pinned",
  claim: "What Flux and Argo CD take from others changes only when a version in these files changes.",
  threat: "A new release that nobody looked at, or one that somebody else pushed, runs in the cluster minutes later.",
  remedy:
    "Name one version: `ref: {tag: 1.2.3}` or a digest for an OCIRepository, `ref: {tag: …}` or `commit` for a GitRepository, `version: 1.2.3` for a chart, `targetRevision` with a version or a commit for an Application. Renovate proposes newer ones as changes that can be read.",
  judged:
    "For sources other than the repository of these files: fails for a branch, a range (`>=1.0`, `1.x`, `*`, none) and the tag `latest`, at medium for a branch or `latest`, which need not even be a release. Signatures that are verified make up for it. Of Argo CD the `targetRevision` of Applications counts; a repository of which paths are among these files is taken for this one; from its root, or from one folder's name, it cannot be told. Not applicable to what names no version (a HelmRepository, a Bucket).",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["trusted-registries"],
    owaspKubernetes: ["K07"],
    nistCsf: ["GV.SC-07", "ID.RA-07", "ID.RA-09"],
    coverage: ["V3"],
  },
  exposureMatters: false,

  check({ flux, argo }): Judgement | readonly Judgement[] {
    if (argo?.sources !== undefined && argo.sources.length > 0) return argo.sources.map(judgeArgo);
    if (flux === undefined || flux.kind === "kustomization") return notApplicable("it names no version");
    return flux.kind === "source" ? judgeSource(flux) : judgeRelease(flux);
  },
});

/** A chart by a range is as the same of Flux: the newest release; a branch need not even be that. */
function judgeArgo({ own, chart, revision }: ArgoSource, index: number): Judgement {
  const extras = { place: revision.place, detail: `source ${index + 1}` };
  if (knownValue(own) === true) return notApplicable("it is the repository of these files");
  if (revision.kind === "unknown")
    return cannotTell("which version is taken", revision.why, { ...extras, severity: "low" });
  const value = knownValue(revision);
  if (value === undefined) return notApplicable("it names no version");
  const severity = loose(value);
  if (severity === undefined) return pass(`it takes ${describe(value)}`, revision.place);
  if (own.kind === "unknown")
    return cannotTell(`whether ${describe(value)} is somebody else's`, own.why, { ...extras, severity: "low" });
  const whose = chart === undefined ? "somebody else's" : `the chart ${chart}`;
  return fail(`it takes ${describe(value)} of ${whose}`, { ...extras, severity });
}

function judgeSource({ own, revision, verified }: FluxSource): Judgement {
  if (own) return notApplicable("it is the repository of these files");
  if (revision.kind === "unknown") return cannotTell("which version is taken", revision.why, { place: revision.place });
  const value = knownValue(revision);
  if (value === undefined) return notApplicable("it names no version");
  const severity = loose(value);
  if (severity === undefined) return pass(`it takes ${describe(value)}`, revision.place);
  if (verified.kind === "unknown") return cannotTell("whether signatures are verified", verified.why);
  if (knownValue(verified) === true) return pass("its signatures are verified", verified.place);
  return fail(`it takes ${describe(value)} of somebody else's`, { place: revision.place, severity });
}

function judgeRelease({ revision, chart }: FluxRelease): Judgement {
  if (revision.kind === "unknown") return cannotTell("which version is taken", revision.why, { place: revision.place });
  const value = knownValue(revision);
  if (value === undefined) return notApplicable("its chart's source names the version");
  if (value.kind !== "range") return pass(`it takes ${describe(value)}`, revision.place);
  return fail(`it takes ${describe(value)} of the chart ${knownValue(chart) ?? ""}`.trim(), {
    place: revision.place,
    severity: "low",
  });
}

function loose({ kind, text }: FluxRevision): Severity | undefined {
  if (kind === "branch" || (kind === "tag" && text === "latest")) return "medium";
  if (kind === "name") return /^refs\/heads\//.test(text) ? "medium" : undefined;
  return kind === "range" ? "low" : undefined;
}

function describe({ kind, text }: FluxRevision): string {
  switch (kind) {
    case "range":
      return text === "*" ? "the newest version" : `the newest version in \`${text}\``;
    case "branch":
      return `what is on the branch ${text}`;
    default:
      return `${kind === "name" ? "the reference" : `the ${kind}`} ${text}`;
  }
}
