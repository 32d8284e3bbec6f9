import type { InputProblem } from "../../../facts/system.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { describePlace, Source } from "../../../lib/place.ts";
import type { ConfinedFiles } from "../../../repository/files.ts";
import type { KubernetesManifests, KubernetesObject } from "../objects.ts";
import { chartsOf } from "./charts.ts";
import { buildKustomization } from "./kustomize/build.ts";
import { describeId, idOf, keyOf } from "./kustomize/resource.ts";
import { objectsIn, toObject } from "./objects-in.ts";
import { refusedByKubectl } from "./refused-objects.ts";
import { LoadSession } from "./session.ts";
import { notesOf, unseenOf } from "./unseen.ts";

/** What a session has read, as the manifests of one cluster. */
export function manifestsFrom(
  name: string,
  objects: readonly KubernetesObject[],
  session: LoadSession,
): KubernetesManifests {
  const unseen = [...session.unseen, ...unseenOf(objects)];
  // A kustomization may have made of an object what no API server takes.
  for (const { node } of objects) for (const problem of refusedByKubectl(node)) session.note(problem);
  const charts = [...session.charts, ...chartsOf(objects, session)];
  const changes = session.changes.flatMap((node) => toObject(node) ?? []);
  const problems = [...session.problems, ...notesOf(unseen)];
  const { chartFolders, sources } = session;
  return { name, objects, unseen, charts, changes, problems, sources, chartFolders };
}

/** Files that nothing but `kubectl apply` reads. */
export function loadFiles(session: LoadSession, name: string, paths: readonly string[]): KubernetesManifests {
  const documents = paths.flatMap((path) => session.documents(path, "kubectl"));
  for (const problem of documents.flatMap(refusedByKubectl)) session.note(problem);
  const objects = documents.flatMap((document) => objectsIn(document));
  const { kept, problems } = withoutReplaced(objects);
  for (const problem of problems) session.note(problem);
  return manifestsFrom(name, kept, session);
}

/** What the kustomization of a folder makes. */
export function loadKustomization(files: ConfinedFiles, name: string, folder: string): KubernetesManifests {
  const session = new LoadSession(files);
  const objects = buildKustomization(session, folder).flatMap(({ node }) => toObject(node) ?? []);
  return { ...manifestsFrom(name, objects, session), isKustomization: true };
}

/** A text that a program has made: `helm template`, `kubectl kustomize`, `flux build`. */
export function loadText(name: string, text: string): KubernetesManifests {
  const source = new Source(name, text);
  const { documents, problems } = parseYaml(source, text, { booleans: "1.1" });
  const { kept, problems: replaced } = withoutReplaced(documents.flatMap((document) => objectsIn(document)));
  const unseen = unseenOf(kept);
  const refused = documents.flatMap(refusedByKubectl);
  const all = [...problems, ...refused, ...replaced, ...notesOf(unseen)];
  return { name, objects: kept, unseen, charts: chartsOf(kept), problems: all, sources: [source] };
}

/** The objects without those that a later one of the same name takes the place of, as `kubectl apply` has it. */
function withoutReplaced(objects: readonly KubernetesObject[]): {
  readonly kept: readonly KubernetesObject[];
  readonly problems: readonly InputProblem[];
} {
  const last = new Map<string, KubernetesObject>();
  for (const object of objects) if (object.name !== "") last.set(keyOf(idOf(object.node)), object);
  const replacing = (object: KubernetesObject) => (object.name === "" ? object : last.get(keyOf(idOf(object.node))));
  const problems = objects.flatMap((object): readonly InputProblem[] => {
    const other = replacing(object);
    if (other === undefined || other === object) return [];
    const message = `${describeId(idOf(object.node))} stands here and again in ${describePlace(other.place)}, which takes its place; this one is not judged.`;
    return [{ severity: "warning", message, hint: "Remove one of the two.", place: object.place }];
  });
  return { kept: objects.filter((object) => replacing(object) === object), problems: asOne(problems) };
}

/** Several objects that stand twice, most often a copied folder, are one thing to look at. */
function asOne(problems: readonly InputProblem[]): readonly InputProblem[] {
  const [first, second] = problems;
  if (first === undefined || second === undefined) return problems;
  const message = `${problems.length} objects stand twice among these files, and of each only the last is judged.`;
  const hint = "Remove one of each two, or check the folders one by one.";
  return [{ severity: "warning", message, hint, place: first.place, parts: problems }];
}
