/** Manifests as one text, for tests of what is made of objects. */
import type { System } from "../../../facts/system.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { Source } from "../../../lib/place.ts";
import { chartsOf } from "../load/charts.ts";
import { objectsIn } from "../load/objects-in.ts";
import type { KubernetesManifests } from "../objects.ts";
import { readKubernetes } from "../read/index.ts";

export function manifestsOf(text: string, path = "manifests.yaml"): KubernetesManifests {
  const source = new Source(path, text);
  const { documents, problems } = parseYaml(source, text, { booleans: "1.1" });
  const objects = documents.flatMap(objectsIn);
  return { name: "cluster", objects, unseen: [], charts: chartsOf(objects), problems, sources: [source] };
}

/** The facts of a text of manifests. */
export function clusterOf(text: string): System {
  return readKubernetes(manifestsOf(text), { systemName: "cluster" });
}
