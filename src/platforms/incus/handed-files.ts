import { posix } from "node:path";
import { knownValue, unstated } from "../../facts/fact.ts";
import { asText, Fields } from "../../formats/fields.ts";
import type { MappingNode, ScalarNode } from "../../formats/tree.ts";
import { Source } from "../../lib/place.ts";
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
    inline: all.flatMap(({ service, node }) => inlineFile(service, node) ?? []),
    built: all.flatMap(({ service, node }) => copiedFile(service, node, folder, repository) ?? []),
  };
}

function inlineFile(service: string, node: MappingNode): InlineFile | undefined {
  const fields = Fields.of(node, node.place, "file");
  const inside = knownValue(fields.fact("target_path", asText, "a path", unstated));
  const content = fields.node("content");
  if (inside === undefined || content?.kind !== "scalar") return undefined;
  const hidden = new Map<string, string>();
  const text = textOf(content, inside, hidden);
  const { place } = content;
  if (text === undefined || place.kind !== "file") return undefined;
  const source = new Source(place.source.path, text);
  return {
    service,
    inside,
    file: { ok: true, path: place.source.path, text, source, mode: undefined },
    placeOf: (at) => (at.kind === "file" && at.source === source ? place : at),
    hidden,
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
