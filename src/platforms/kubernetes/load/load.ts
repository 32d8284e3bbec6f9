import { parseYaml } from "../../../formats/yaml/parse.ts";
import { RingwallError } from "../../../lib/error.ts";
import type { Repository } from "../../../repository/repository.ts";
import type { FoundProject } from "../../reader.ts";
import type { KubernetesManifests } from "../objects.ts";
import { objectsIn } from "./objects-in.ts";

/** The objects that a project's files come to. */
export function loadManifests(repository: Repository, project: FoundProject): KubernetesManifests | RingwallError {
  const files = project.files.map((path) => repository.files.read(path));
  const failed = files.find((file) => !file.ok);
  if (failed !== undefined && !failed.ok) return new RingwallError(failed.code, failed.message);
  const texts = files.flatMap((file) => (file.ok ? [file] : []));
  const parsed = texts.map((file) => parseYaml(file.source, file.text, { booleans: "1.1" }));
  return {
    name: repository.name,
    objects: parsed.flatMap(({ documents }) => documents.flatMap(objectsIn)),
    unseen: [],
    problems: parsed.flatMap(({ problems }) => problems),
    sources: texts.map((file) => file.source),
  };
}
