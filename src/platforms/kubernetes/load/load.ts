import { parseYaml } from "../../../formats/yaml/parse.ts";
import { Source } from "../../../lib/place.ts";
import type { ConfinedFiles } from "../../../repository/files.ts";
import type { KubernetesManifests, KubernetesObject } from "../objects.ts";
import { buildKustomization } from "./kustomize/build.ts";
import { objectsIn, toObject } from "./objects-in.ts";
import { LoadSession } from "./session.ts";
import { notesOf, unseenOf } from "./unseen.ts";

/** What a session has read, as the manifests of one cluster. */
export function manifestsFrom(
  name: string,
  objects: readonly KubernetesObject[],
  session: LoadSession,
): KubernetesManifests {
  const unseen = [...session.unseen, ...unseenOf(objects)];
  return { name, objects, unseen, problems: [...session.problems, ...notesOf(unseen)], sources: session.sources };
}

/** Files that nothing but `kubectl apply` reads. */
export function loadFiles(session: LoadSession, name: string, paths: readonly string[]): KubernetesManifests {
  const objects = paths.flatMap((path) =>
    session.documents(path, "kubectl").flatMap((document) => objectsIn(document)),
  );
  return manifestsFrom(name, objects, session);
}

/** What the kustomization of a folder makes. */
export function loadKustomization(files: ConfinedFiles, name: string, folder: string): KubernetesManifests {
  const session = new LoadSession(files);
  const objects = buildKustomization(session, folder).flatMap(({ node }) => toObject(node) ?? []);
  return manifestsFrom(name, objects, session);
}

/** A text that a program has made: `helm template`, `kubectl kustomize`, `flux build`. */
export function loadText(name: string, text: string): KubernetesManifests {
  const source = new Source(name, text);
  const { documents, problems } = parseYaml(source, text, { booleans: "1.1" });
  const objects = documents.flatMap((document) => objectsIn(document));
  const unseen = unseenOf(objects);
  return { name, objects, unseen, problems: [...problems, ...notesOf(unseen)], sources: [source] };
}
