/**
 * Charts that k3s and RKE2 install: one pipeline for the repository that a HelmChart names, one for the chart itself.
 *
 * Source: the CRD of helm-controller v0.16 (`helm.cattle.io/v1`): `repo`, `chart`, `version` (the newest without one),
 * `repoCAConfigMap`, `insecureSkipTLSVerify`.
 */
import type { FluxExtension, FluxRevision } from "../../../../facts/extensions-cluster.ts";
import { defaulted, type Fact, knownValue, unstated } from "../../../../facts/fact.ts";
import type { Pipeline } from "../../../../facts/subjects.ts";
import { asBoolean, asText, type Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, specOf } from "../context.ts";
import { isExact } from "./flux.ts";

export function readK3sCharts(context: ClusterContext): readonly Pipeline[] {
  return context.ofKind("helm.cattle.io", "HelmChart").flatMap((object) => {
    const spec = specOf(object);
    const name = `HelmChart/${context.namespaceOf(object)}/${object.name}`;
    const repository = spec.node("repo") === undefined ? [] : [repositoryOf(spec, `${name} repository`)];
    return [...repository, releaseOf(spec, name)].map((each) => pipeline(object, each, context));
  });
}

function pipeline(object: KubernetesObject, flux: FluxExtension, context: ClusterContext): Pipeline {
  const { place } = object;
  const file = place.kind === "file" ? place.source.path : "";
  return { ...context.subject("pipeline", flux.object, place), file, flux };
}

function repositoryOf(spec: Fields, object: string): FluxExtension {
  const no = (at: Place): Fact<boolean> => defaulted(false, "platform", at);
  return {
    kind: "source",
    object,
    url: spec.fact("repo", asText, "an address", unstated),
    insecure: spec.fact("insecureSkipTLSVerify", asBoolean, "true or false", no),
    verified: no(spec.place),
    revision: unstated(spec.place),
    own: false,
  };
}

function releaseOf(spec: Fields, object: string): FluxExtension {
  return {
    kind: "release",
    object,
    chart: spec.fact("chart", asText, "a name", unstated),
    revision: versionOf(spec),
    serviceAccount: unstated(spec.place),
    suspended: defaulted(false, "platform", spec.place),
  };
}

/** An archive (`chartContent`, an address that ends in `.tgz`) is one version; so is what k3s itself brings along. */
function versionOf(spec: Fields): Fact<FluxRevision> {
  const chart = spec.fact("chart", asText, "a name", unstated);
  if (chart.kind === "unknown") return chart;
  const name = knownValue(chart);
  if (name === undefined || /\.tgz$|%\{KUBERNETES_API\}%/.test(name)) return unstated(spec.place);
  const version = spec.fact("version", asText, "a version", (at) => defaulted("*", "platform", at));
  if (version.kind === "unknown" || version.kind === "unstated") return version;
  return { ...version, value: { kind: isExact(version.value) ? "tag" : "range", text: version.value } };
}
