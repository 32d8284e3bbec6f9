import type { FluxExtension, FluxRevision } from "../../../../facts/extensions-cluster.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../../facts/fact.ts";
import type { Pipeline } from "../../../../facts/subjects.ts";
import { asBoolean, asText, type Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn } from "../context.ts";
import { ownSources } from "./flux-own.ts";
import { encryptedBy, FluxPaths } from "./flux-paths.ts";

const source = "source.toolkit.fluxcd.io";
const sourceKinds = ["GitRepository", "OCIRepository", "HelmRepository", "Bucket"] as const;

/**
 * What Flux applies, from where and how: one pipeline for each source, Kustomization and HelmRelease.
 *
 * Source: the CRDs of source-controller v1.9.1, kustomize-controller v1.9.4 and helm-controller v1.6.3.
 */
export function readFlux(context: ClusterContext): readonly Pipeline[] {
  const own = ownSources(context);
  const sources = sourceKinds.flatMap((kind) =>
    context.ofKind(source, kind).map((object) => pipeline(object, sourceOf(object, own, context), context)),
  );
  const kustomizations = context.ofKind("kustomize.toolkit.fluxcd.io", "Kustomization");
  const shared: Shared = {
    own,
    paths: new FluxPaths(kustomizations),
    givers: kustomizations.flatMap(givingDecryption),
  };
  return [
    ...sources,
    ...kustomizations.map((object) => pipeline(object, kustomizationOf(object, shared, context), context)),
    ...context
      .ofKind("helm.toolkit.fluxcd.io", "HelmRelease")
      .map((object) => pipeline(object, releaseOf(object, context), context)),
  ];
}

function nameOf(object: KubernetesObject, context: ClusterContext): string {
  return `${object.kind}/${context.namespaceOf(object)}/${object.name}`;
}

function pipeline(object: KubernetesObject, flux: FluxExtension, context: ClusterContext): Pipeline {
  const { place } = object;
  const file = place.kind === "file" ? place.source.path : "";
  return { ...context.subject("pipeline", flux.object, place), file, flux };
}

function sourceOf(object: KubernetesObject, own: ReadonlySet<string>, context: ClusterContext): FluxExtension {
  const spec = specOf(object);
  const name = nameOf(object, context);
  const no = (at: Place): Fact<boolean> => defaulted(false, "platform", at);
  return {
    kind: "source",
    object: name,
    url: spec.fact(object.kind === "Bucket" ? "endpoint" : "url", asText, "an address", unstated),
    insecure: spec.fact("insecure", asBoolean, "true or false", no),
    verified: spec.node("verify") === undefined ? hiddenOr(spec, no) : stated(true, spec.keyPlace("verify")),
    revision: revisionOf(object, spec),
    own: own.has(name),
  };
}

function hiddenOr<T>(fields: Fields, absent: (place: Place) => Fact<T>): Fact<T> {
  return fields.hidden === undefined ? absent(fields.place) : unknown(fields.hidden, fields.place);
}

/** By the order in which the controller takes them: a commit or digest, a name, a range, a tag, a branch. */
function revisionOf({ kind }: KubernetesObject, spec: Fields): Fact<FluxRevision> {
  if (kind !== "GitRepository" && kind !== "OCIRepository") return unstated(spec.place);
  const ref = spec.fields("ref");
  const order = kind === "GitRepository" ? gitOrder : ociOrder;
  for (const [key, type] of order) {
    const text = ref.fact(key, asText, "a text", unstated);
    if (text.kind === "unknown") return text;
    if (text.kind === "stated") return stated({ kind: type, text: text.value }, text.place);
  }
  const otherwise: FluxRevision =
    kind === "GitRepository" ? { kind: "branch", text: "master" } : { kind: "tag", text: "latest" };
  return defaulted(otherwise, "platform", ref.place);
}

const gitOrder = [
  ["commit", "commit"],
  ["name", "name"],
  ["semver", "range"],
  ["tag", "tag"],
  ["branch", "branch"],
] as const;
const ociOrder = [
  ["digest", "digest"],
  ["semver", "range"],
  ["tag", "tag"],
] as const;

/** What is worked out once for all Kustomizations. */
interface Shared {
  readonly own: ReadonlySet<string>;
  readonly paths: FluxPaths;
  /** Kustomizations with a patch that gives decryption to others. */
  readonly givers: readonly { readonly object: KubernetesObject; readonly patch: Fields }[];
}

function kustomizationOf(
  object: KubernetesObject,
  { own, paths, givers }: Shared,
  context: ClusterContext,
): FluxExtension {
  const spec = specOf(object);
  const from = sourceRefOf(spec, object, context);
  const name = knownValue(from);
  return {
    kind: "kustomization",
    object: nameOf(object, context),
    source: from,
    own: name === undefined ? unknown("its source is not resolved", from.place) : stated(own.has(name), from.place),
    decrypts: decrypts(object, spec, givers),
    encrypted: name !== undefined && own.has(name) ? encryptedBy(object, paths, context) : emptyList(object),
    prunes: spec.fact("prune", asBoolean, "true or false", unstated),
    serviceAccount: accountOf(spec),
    suspended: spec.fact("suspend", asBoolean, "true or false", (at) => defaulted(false, "platform", at)),
  };
}

/** With a kubeconfig it applies to another cluster, with the rights of whom that names. */
function accountOf(spec: Fields): Fact<string> {
  const account = spec.fact("serviceAccountName", asText, "a name", unstated);
  if (account.kind !== "unstated" || spec.node("kubeConfig") === undefined) return account;
  return unknown(
    "it applies to another cluster, with the rights that its kubeConfig has there",
    spec.keyPlace("kubeConfig"),
  );
}

function emptyList(object: KubernetesObject): FactList<never> {
  return complete([], object.place);
}

function sourceRefOf(spec: Fields, object: KubernetesObject, context: ClusterContext): Fact<string> {
  const ref = spec.fields("sourceRef");
  const name = ref.fact("name", asText, "a name", unstated);
  if (name.kind !== "stated") return name;
  const namespace = textIn(ref, "namespace") ?? context.namespaceOf(object);
  return stated(`${textIn(ref, "kind") ?? "GitRepository"}/${namespace}/${name.value}`, name.place);
}

/** Its own `decryption`, or one that a Kustomization above it gives to all below by a patch. */
function decrypts(object: KubernetesObject, spec: Fields, givers: Shared["givers"]): Fact<boolean> {
  if (spec.node("decryption") !== undefined) return stated(true, spec.keyPlace("decryption"));
  const given = givers.find((giver) => giver.object !== object);
  if (given !== undefined)
    return unknown("a patch of another Kustomization gives decryption to some", given.patch.place);
  return hiddenOr(spec, (at) => defaulted(false, "platform", at));
}

function givingDecryption(object: KubernetesObject): Shared["givers"] {
  const patch = itemsIn(specOf(object), "patches").find(givesDecryption);
  return patch === undefined ? [] : [{ object, patch }];
}

function givesDecryption(patch: Fields): boolean {
  const kind = textIn(patch.fields("target"), "kind");
  return (kind === undefined || kind === "Kustomization") && (textIn(patch, "patch") ?? "").includes("decryption");
}

function releaseOf(object: KubernetesObject, context: ClusterContext): FluxExtension {
  const spec = specOf(object);
  const chart = spec.fields("chart").fields("spec");
  const reference = spec.fields("chartRef");
  const inline = spec.node("chart") !== undefined;
  return {
    kind: "release",
    object: nameOf(object, context),
    chart: inline
      ? chart.fact("chart", asText, "a name", unstated)
      : reference.fact("name", asText, "a name", unstated),
    revision: inline ? chartVersion(chart) : unstated(reference.place),
    serviceAccount: spec.fact("serviceAccountName", asText, "a name", unstated),
    suspended: spec.fact("suspend", asBoolean, "true or false", (at) => defaulted(false, "platform", at)),
  };
}

/** Without a version the newest counts (`*`). A chart from a Git repository is what lies there. */
function chartVersion(chart: Fields): Fact<FluxRevision> {
  const kind = textIn(chart.fields("sourceRef"), "kind");
  if (kind !== undefined && kind !== "HelmRepository") return unstated(chart.place);
  const version = chart.fact("version", asText, "a version", (at) => defaulted("*", "platform", at));
  if (version.kind === "unknown" || version.kind === "unstated") return version;
  return { ...version, value: { kind: isExact(version.value) ? "tag" : "range", text: version.value } };
}

/** Whether a constraint names one version: `1.2.3`, `v1.2.3-rc.1`, `=1.2.3`. Source: Masterminds/semver. */
export function isExact(version: string): boolean {
  return /^\s*=?\s*v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?\s*$/.test(version);
}
