/**
 * Middlewares of Traefik that a repository defines beside the system at hand. One Traefik is told by the labels of every
 * container on its engine, and by files that lie with its own project: `authelia@docker` stands on Authelia's container,
 * `local-only@file` in a file of the proxy's project, and all others name them.
 */
import { knownValue, stated, unknown } from "../facts/fact.ts";
import type { Label } from "../facts/subjects.ts";
import { isDynamic, readTraefikFile } from "../formats/traefik/files.ts";
import { entriesOf, option } from "../formats/traefik/options.ts";
import type { Defined, Found, Provider } from "../formats/traefik/registry.ts";
import { fromLabels } from "../formats/traefik/sources.ts";
import { traefikDynamicFormat } from "../formats/traefik/traefik-format.ts";
import { child, type MappingNode, type TreeNode, toPlain } from "../formats/tree.ts";
import { parseYaml } from "../formats/yaml/parse.ts";
import { append } from "../lib/append.ts";
import type { Place } from "../lib/place.ts";
import type { TextFile } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import { looksLikeCompose } from "./compose/load/sniff.ts";

/** What a middleware of a provider is, by its name; undefined for one that nothing defines. */
export type Elsewhere = (provider: Provider, name: string) => Found | undefined;

const cache = new WeakMap<Repository, ReadonlyMap<string, readonly Defined[]>>();

/** Finds middlewares in all files of a repository, read when the first is asked for. */
export function middlewaresElsewhere(repository: Repository): Elsewhere {
  return (provider, name) => {
    const all = cache.get(repository) ?? gather(repository);
    cache.set(repository, all);
    const [first, ...others] = all.get(`${provider}/${name.toLowerCase()}`) ?? [];
    if (first === undefined) return undefined;
    const shown = JSON.stringify(toPlain(first.node));
    const differs = others.some(({ node }) => JSON.stringify(toPlain(node)) !== shown);
    return differs ? { why: `several files define the middleware \`${name}@${provider}\`` } : first;
  };
}

function gather(repository: Repository): ReadonlyMap<string, readonly Defined[]> {
  const found = new Map<string, Defined[]>();
  for (const path of repository.paths) {
    for (const { provider, root } of sourcesIn(path, repository)) {
      for (const { key, keyPlace, value } of entriesOf(option(root, "http", "middlewares"))) {
        const defined: Defined = { name: key, provider, node: value, owner: undefined, place: keyPlace };
        append(found, `${provider}/${key.toLowerCase()}`, defined);
      }
    }
  }
  return found;
}

interface Defining {
  readonly provider: Provider;
  readonly root: TreeNode;
}

function sourcesIn(path: string, repository: Repository): readonly Defining[] {
  const mayBeFile = traefikDynamicFormat.mayBe(path);
  const mayBeCompose = /\.ya?ml$/i.test(path) && looksLikeCompose(repository.files, path);
  if (!mayBeFile && !mayBeCompose) return [];
  const file = repository.files.glance(path);
  if (!file.ok) return [];
  if (mayBeCompose && /traefik\.http\.middlewares\./i.test(file.text)) return labelsIn(file);
  if (!mayBeFile || !isDynamic(file.text) || !traefikDynamicFormat.recognises(path, file.text)) return [];
  const { root } = readTraefikFile(file);
  return root === undefined ? [] : [{ provider: "file", root }];
}

function labelsIn({ source, text }: TextFile): readonly Defining[] {
  const services = child(parseYaml(source, text).documents[0], "services");
  if (services?.kind !== "mapping") return [];
  return [...services.entries.values()].flatMap(({ value, keyPlace }): Defining[] => {
    const labels = labelsOf(child(value, "labels"));
    const enabled = labels.find(({ name }) => name.toLowerCase() === "traefik.enable");
    if (enabled !== undefined && knownValue(enabled.value)?.toLowerCase() === "false") return [];
    const root: MappingNode | undefined = fromLabels(labels, keyPlace);
    return root === undefined ? [] : [{ provider: "docker", root }];
  });
}

function labelsOf(node: TreeNode | undefined): readonly Label[] {
  if (node?.kind === "mapping")
    return [...node.entries.values()].flatMap(({ key, value }) => (value.kind === "scalar" ? label(key, value) : []));
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item) => {
    if (item.kind !== "scalar" || typeof item.value !== "string") return [];
    const at = item.value.indexOf("=");
    return at === -1 ? [] : label(item.value.slice(0, at), { ...item, value: item.value.slice(at + 1) });
  });
}

/** Nothing fills in variables here; one in the query of an address does not matter to who is asked. */
function label(name: string, { value, place }: { readonly value: unknown; readonly place: Place }): readonly Label[] {
  const written = String(value ?? "").replaceAll("$$", "\0");
  const told = /forwardauth\.address$/i.test(name) ? written.replace(/\?.*$/s, "") : written;
  const isOpen = told.includes("$");
  const text = told.replaceAll("\0", "$");
  return [{ name, value: isOpen ? unknown("it is a variable of another project", place) : stated(text, place), place }];
}
