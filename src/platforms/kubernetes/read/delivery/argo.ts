import { type Fact, unknown, unstated } from "../../../../facts/fact.ts";
import type { Pipeline } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import { describePlace } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, specOf } from "../context.ts";
import { argoSource, confinementOf } from "./argo-pins.ts";
import { OwnRepositories, sourcesIn } from "./own-repositories.ts";

const group = "argoproj.io";

/**
 * Where Argo CD takes from what it applies: one pipeline for each Application and ApplicationSet. What a set makes here
 * is told with the set.
 *
 * Source: argo-cd v3.4, the CRDs of Application and ApplicationSet, `docs/user-guide/multiple_sources.md`.
 */
export function readArgo(context: ClusterContext): readonly Pipeline[] {
  const applying = context.ofKind(group, "Application");
  const repositories = new OwnRepositories(applying, context);
  const sets = context.ofKind(group, "ApplicationSet").flatMap((set) => {
    const template = specOf(set).fields("template");
    return pipelineOf(set, template.fields("spec"), repositories, context);
  });
  const told = new Set(sets.flatMap(addressPlaces));
  const applications = applying
    .flatMap((application) => pipelineOf(application, specOf(application), repositories, context))
    .filter((pipeline) => !addressPlaces(pipeline).every((place) => told.has(place)));
  return [...sets, ...applications];
}

function addressPlaces({ argo }: Pipeline): readonly string[] {
  return (argo?.addresses ?? []).map(({ place }) => describePlace(place));
}

/** Nothing of one that names no source. */
function pipelineOf(
  object: KubernetesObject,
  spec: Fields,
  repositories: OwnRepositories,
  context: ClusterContext,
): readonly Pipeline[] {
  const sources = sourcesIn(spec);
  const addresses = sources.map(addressOf);
  if (addresses.length === 0) return [];
  const { place } = object;
  const name = `${object.kind}/${context.namespaceOf(object)}/${object.name}`;
  const file = place.kind === "file" ? place.source.path : "";
  const pinned =
    object.kind === "Application"
      ? {
          sources: sources.map((source) => argoSource(source, repositories)),
          confinedBy: confinementOf(object, spec, context),
        }
      : {};
  return [{ ...context.subject("pipeline", name, place), file, argo: { object: name, addresses, ...pinned } }];
}

/** What a set's template leaves open is not known, but for what stands behind the host's name. */
function addressOf(source: Fields): Fact<string> {
  const address = source.fact("repoURL", asText, "an address", unstated);
  if (address.kind !== "stated" || !/^[^{]{0,20}\{\{|^http:\/\/[^/]{0,253}\{\{/i.test(address.value)) return address;
  return /^(?:https|ssh|oci):\/\//i.test(address.value)
    ? address
    : unknown("Argo CD fills it in from a generator", address.place);
}
