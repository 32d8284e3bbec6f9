import { posix } from "node:path";
import { knownValue, unstated } from "../../facts/fact.ts";
import { asText, Fields } from "../../formats/fields.ts";
import { cloudInitFormat } from "../../formats/sshd/cloud-init.ts";
import type { MappingNode, ScalarNode } from "../../formats/tree.ts";
import { type Place, Source } from "../../lib/place.ts";
import { normalise } from "../../repository/files.ts";
import type { Repository } from "../../repository/repository.ts";
import type { BuiltFile, InlineFile } from "../mounted-files.ts";
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
  const all = instances.flatMap((instance) => filesOf(instance).map((node) => ({ service: instance.name, node })));
  return {
    inline: [
      ...all.flatMap(({ service, node }) => inlineFile(service, node) ?? []),
      ...firstStartFiles(instances, repository),
    ],
    built: all.flatMap(({ service, node }) => copiedFile(service, node, folder, repository) ?? []),
  };
}

/** Where cloud-init finds what the settings of an instance hold. Source: Incus, `doc/cloud-init.md`. */
const firstStarts: Readonly<Record<string, string>> = {
  "cloud-init.user-data": "/var/lib/cloud/instance/user-data",
  "cloud-init.vendor-data": "/var/lib/cloud/instance/vendor-data",
  "user.user-data": "/var/lib/cloud/instance/user-data",
  "user.vendor-data": "/var/lib/cloud/instance/vendor-data",
};

/** Those that are files of the repository as they are, are read where they stand. */
function firstStartFiles(instances: readonly InstanceContext[], repository: Repository): readonly InlineFile[] {
  const found = instances.flatMap((instance) => firstStart(instance));
  if (found.length === 0) return [];
  const apart = filesForFirstStarts(repository);
  return found.filter(({ file }) => !apart.has(file.text));
}

const textsApart = new WeakMap<Repository, ReadonlySet<string>>();

/** The texts of a repository's own files for cloud-init, gathered once for all of its configurations. */
function filesForFirstStarts(repository: Repository): ReadonlySet<string> {
  const known = textsApart.get(repository);
  if (known !== undefined) return known;
  const texts = repository.paths.flatMap((path) => {
    if (!cloudInitFormat.mayBe(path) || isTemplate.test(path)) return [];
    const file = repository.files.read(path);
    return file.ok ? [file.text] : [];
  });
  const made = new Set(texts);
  textsApart.set(repository, made);
  return made;
}

const isTemplate = /\.(?:tftpl|tf\.tmpl|tpl)$/;

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
