import { posix } from "node:path";
import { knownValue, unstated } from "../../facts/fact.ts";
import { cloudInitFormat } from "../../formats/cloud-init/index.ts";
import { asText, Fields } from "../../formats/fields.ts";
import type { MappingNode, ScalarNode } from "../../formats/tree.ts";
import { type Place, Source } from "../../lib/place.ts";
import { normalise } from "../../repository/files.ts";
import type { Repository } from "../../repository/repository.ts";
import type { BuiltFile, InlineFile } from "../mounted-files.ts";
import { isTemplate } from "../opentofu/is-template.ts";
import type { InstanceContext } from "./read/context.ts";
import { filesOf } from "./read/files.ts";

export interface HandedFiles {
  readonly inline: readonly InlineFile[];
  readonly built: readonly BuiltFile[];
}

/**
 * Files that are put into instances: texts that the configuration makes (`content`), and files of the repository
 * (`source_path`), which are named from the folder in which the program runs.
 */
export function handedFiles(
  instances: readonly InstanceContext[],
  folder: string,
  repository: Repository,
): HandedFiles {
  const started = firstStartFiles(instances, repository);
  const all = instances.flatMap((instance) => filesOf(instance).map((node) => ({ service: instance.name, node })));
  return {
    inline: [...all.flatMap(({ service, node }) => inlineFile(service, node) ?? []), ...started.inline],
    built: [
      ...all.flatMap(({ service, node }) => copiedFile(service, node, folder, repository) ?? []),
      ...started.built,
    ],
  };
}

/** Where cloud-init finds what the settings of an instance hold. Source: Incus, `doc/cloud-init.md`. */
const firstStarts: Readonly<Record<string, string>> = {
  "cloud-init.user-data": "/var/lib/cloud/instance/user-data",
  "cloud-init.vendor-data": "/var/lib/cloud/instance/vendor-data",
  "user.user-data": "/var/lib/cloud/instance/user-data",
  "user.vendor-data": "/var/lib/cloud/instance/vendor-data",
};

/** A text that is a file of the repository as it is, is read where it stands. */
function firstStartFiles(instances: readonly InstanceContext[], repository: Repository): HandedFiles {
  const found = instances.flatMap((instance) => firstStart(instance));
  if (found.length === 0) return { inline: [], built: [] };
  const apart = filesForFirstStarts(repository);
  // Once for all instances that are started with it.
  const built = found.flatMap(({ service, inside, file }) =>
    (apart.get(file.text) ?? []).map((path) => ({ service, path, inside })),
  );
  return {
    inline: found.filter(({ file }) => !apart.has(file.text)),
    built: [...new Map(built.map((one) => [one.path, one])).values()],
  };
}

const textsApart = new WeakMap<Repository, ReadonlyMap<string, readonly string[]>>();

/** A repository's own files for cloud-init by their texts, gathered once for all of its configurations. */
function filesForFirstStarts(repository: Repository): ReadonlyMap<string, readonly string[]> {
  const known = textsApart.get(repository);
  if (known !== undefined) return known;
  const made = new Map<string, string[]>();
  for (const path of repository.paths) {
    if (!cloudInitFormat.mayBe(path) || isTemplate.test(path)) continue;
    const file = repository.files.read(path);
    if (!file.ok) continue;
    const same = made.get(file.text);
    if (same === undefined) made.set(file.text, [path]);
    else same.push(path);
  }
  textsApart.set(repository, made);
  return made;
}

/** What the settings of an instance tell cloud-init; what is not known of a text stands in it as it is written. */
function firstStart({ name, config }: InstanceContext): readonly InlineFile[] {
  return config.entries.flatMap(({ key, value: node }) => {
    const inside = Object.hasOwn(firstStarts, key) ? firstStarts[key] : undefined;
    if (inside === undefined || node.kind !== "scalar" || typeof node.value !== "string") return [];
    const made = inlineText(name, inside, node.value, node.place);
    return made === undefined ? [] : [made];
  });
}

function inlineFile(service: string, node: MappingNode): InlineFile | undefined {
  const fields = Fields.of(node, node.place, "file");
  const inside = knownValue(fields.fact("target_path", asText, "a path", unstated));
  const content = fields.node("content");
  if (inside === undefined || content?.kind !== "scalar") return undefined;
  const hidden = new Map<string, string>();
  const text = textOf(content, inside, hidden);
  const made = text === undefined ? undefined : inlineText(service, inside, text, content.place);
  return made === undefined ? undefined : { ...made, hidden };
}

/** A text as a file, whose every place is the one that it is written at. */
function inlineText(service: string, inside: string, text: string, place: Place): InlineFile | undefined {
  if (place.kind !== "file") return undefined;
  const source = new Source(place.source.path, text);
  return {
    service,
    inside,
    file: { ok: true, path: place.source.path, text, source, mode: undefined },
    placeOf: (at) => (at.kind === "file" && at.source === source ? place : at),
  };
}

/**
 * The text, where all of it is known. A Caddyfile may have variables of its own: what cannot be told of one stands there
 * as such, so that the rest of it can be read.
 */
function textOf({ value, unresolved }: ScalarNode, inside: string, hidden: Map<string, string>): string | undefined {
  if (typeof value !== "string") return undefined;
  if (unresolved === undefined) return value;
  if (!/Caddyfile$/i.test(inside)) return undefined;
  return value.replace(/\$\{([^{}]*)\}/g, (_, shown: string) => {
    const name = shown.replace(/\W+/g, "_");
    hidden.set(name, unresolved);
    return `{$${name}}`;
  });
}

function copiedFile(service: string, node: MappingNode, folder: string, repository: Repository): BuiltFile | undefined {
  const fields = Fields.of(node, node.place, "file");
  const inside = knownValue(fields.fact("target_path", asText, "a path", unstated));
  const source = knownValue(fields.fact("source_path", asText, "a path", unstated));
  if (inside === undefined || source === undefined || source.startsWith("/")) return undefined;
  const path = normalise(posix.join(folder, source));
  return path !== undefined && repository.files.exists(path) ? { service, path, inside } : undefined;
}
