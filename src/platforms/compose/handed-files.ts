/** Files that services get without mounting one of the repository: inline configs, and what images are built with. */
import { posix } from "node:path";
import { knownValue, unstated } from "../../facts/fact.ts";
import { parseDockerfile } from "../../formats/dockerfile/parse.ts";
import { asText, Fields } from "../../formats/fields.ts";
import type { ScalarNode } from "../../formats/tree.ts";
import { offsetsIn } from "../../formats/yaml/scalar-offsets.ts";
import { type Place, placeAt, Source } from "../../lib/place.ts";
import { normalise } from "../../repository/files.ts";
import { pathIndexOf } from "../../repository/path-index.ts";
import type { Repository } from "../../repository/repository.ts";
import type { BuiltFile, InlineFile } from "../mounted-files.ts";
import type { ComposeProject } from "./project.ts";

export interface HandedFiles {
  readonly inline: readonly InlineFile[];
  readonly built: readonly BuiltFile[];
}

export function handedFiles(project: ComposeProject, repository: Repository): HandedFiles {
  const root = Fields.of(project.root, project.root.place, "the file");
  const services = root
    .fields("services")
    .entries.map(({ key, value, keyPlace }) => ({ key, fields: Fields.of(value, keyPlace, key) }));
  return {
    inline: services.flatMap(({ key, fields }) => inlineConfigs(key, fields, root, repository)),
    built: services.flatMap(({ key, fields }) => copiedFiles(key, fields, repository)),
  };
}

/** `configs:` whose text stands in the Compose file (`content`). */
function inlineConfigs(service: string, fields: Fields, root: Fields, repository: Repository): readonly InlineFile[] {
  const node = fields.node("configs");
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item): InlineFile[] => {
    const own = Fields.of(item, item.place, "configs");
    const name = item.kind === "scalar" ? asText(item) : knownValue(own.fact("source", asText, "a text", unstated));
    const content = root
      .fields("configs")
      .fields(name ?? "")
      .node("content");
    if (name === undefined || content?.kind !== "scalar" || content.unresolved !== undefined) return [];
    const target = item.kind === "scalar" ? undefined : knownValue(own.fact("target", asText, "a path", unstated));
    const found = inlineFile(service, target ?? `/${name}`, content, repository);
    return found === undefined ? [] : [found];
  });
}

function inlineFile(
  service: string,
  inside: string,
  content: ScalarNode,
  repository: Repository,
): InlineFile | undefined {
  const text = asText(content);
  const { place } = content;
  if (text === undefined || place.kind !== "file") return undefined;
  const file = repository.files.read(repository.pathOf(place.source.path));
  const offsetOf = file.ok ? offsetsIn(file.text, content) : undefined;
  const source = new Source(place.source.path, text);
  const path = file.ok ? file.path : repository.pathOf(place.source.path);
  const mode = file.ok ? file.mode : undefined;
  return {
    service,
    inside,
    file: { ok: true, path, text, source, mode },
    placeOf: (at: Place) =>
      at.kind === "file" && at.source === source
        ? offsetOf === undefined
          ? place
          : placeAt(place.source, offsetOf(at.offset))
        : at,
  };
}

/** `COPY Caddyfile /etc/caddy/` of the Dockerfile that a service is built from: what ends up where in the image. */
function copiedFiles(service: string, fields: Fields, repository: Repository): readonly BuiltFile[] {
  if (fields.node("build") === undefined) return [];
  const build = fields.fields("build");
  const context = build.fact("context", asText, "a folder", unstated);
  const folder =
    context.kind === "stated" ? repository.files.within(context.value) : context.kind === "unstated" ? "" : undefined;
  if (folder === undefined || (context.kind === "stated" && context.value.includes("://"))) return [];
  const name = knownValue(build.fact("dockerfile", asText, "a file", unstated)) ?? "Dockerfile";
  const path = repository.files.within(name.startsWith("/") ? name : posix.join(folder, name));
  const file = path === undefined ? undefined : repository.files.read(path);
  if (file === undefined || !file.ok) return [];
  return parseDockerfile(file.text).instructions.flatMap(({ keyword, flags, text }) =>
    (keyword === "COPY" || keyword === "ADD") && !flags.some((flag) => flag.name === "from")
      ? copied(text, folder, service, repository)
      : [],
  );
}

/** Files of one folder that a copy takes with it. */
const mostCopied = 200;

function copied(text: string, folder: string, service: string, repository: Repository): readonly BuiltFile[] {
  const words = text.trim().startsWith("[") ? jsonWords(text) : text.trim().split(/\s+/);
  const target = words.at(-1);
  if (target === undefined || !target.startsWith("/") || /[$]/.test(text) || text.includes("<<")) return [];
  return words.slice(0, -1).flatMap((word): readonly BuiltFile[] => {
    const source = /[*?[]/.test(word) ? undefined : normalise(posix.join(folder, word));
    if (source === undefined) return [];
    const into = target.endsWith("/") || words.length > 2;
    if (source !== "" && repository.files.exists(source)) {
      return [{ service, path: source, inside: into ? posix.join(target, posix.basename(source)) : target }];
    }
    const below = source === "" ? repository.paths : pathIndexOf(repository.paths).below(source);
    const skipped = source === "" ? 0 : source.length + 1;
    return below
      .slice(0, mostCopied)
      .map((path) => ({ service, path, inside: posix.join(target, path.slice(skipped)) }));
  });
}

function jsonWords(text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) ? words.filter((word) => typeof word === "string") : [];
  } catch {
    return [];
  }
}
