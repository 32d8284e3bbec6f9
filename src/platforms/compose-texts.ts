import { posix } from "node:path";
import type { ConfigFormat } from "../formats/config-format.ts";
import { append } from "../lib/append.ts";
import { folderOf } from "../lib/folder-of.ts";
import { normalise } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import { looksLikeCompose } from "./compose/load/sniff.ts";

/**
 * What the texts of a repository's Compose files say at a glance, over all its projects: enough to tell whether a name or
 * a port means one service, without reading the projects that are not at hand.
 */
export interface ComposeTexts {
  /** The folders of the files that mount a path, or a folder around it, for a program that reads it. */
  mounting(path: string, by: ConfigFormat["readBy"]): readonly string[];
  /** How many projects publish a port on the host. */
  publishing(port: number): number;
  /** How many projects have a service or container of a name. */
  naming(name: string): number;
}

const cache = new WeakMap<Repository, ComposeTexts>();

export function composeTexts(repository: Repository): ComposeTexts {
  const known = cache.get(repository);
  if (known !== undefined) return known;
  const made = new Glance(repository);
  cache.set(repository, made);
  return made;
}

const relativePath = /(?:^|[\s"'=:,{[])(\.{1,2}\/[^\s:"',}\]]{0,400})(?::(\/[^\s:"',}\]]{0,400}))?/gm;
const fileOption = /^[ \t]*(?:-\s*)?(?:file|source):\s*["']?([^\s"'#:]{1,400})/gm;
const publishedPort =
  /(?:^|[["'\s,])(?:\d{1,3}(?:\.\d{1,3}){3}:|\[[^\]]{0,40}\]:)?(\d{2,5}):\d{2,5}(?:\/tcp)?(?=["'\s,\]]|$)/gm;
const longPort = /^[ \t]*published:\s*["']?(\d{2,5})/gm;
const imageName = /\bimage:[ \t]*["']?([^\s"',}]{1,400})/g;
const serviceName = /^(?: {1,8}|\t)["']?([\w.-]{1,80})["']?:[ \t]*(?:#.*)?$/gm;
const containerName = /^[ \t]*container_name:\s*["']?([\w.-]{1,80})/gm;

interface TextMount {
  readonly file: string;
  readonly target: string | undefined;
}

/** Each question is prepared for when it is first asked: names, the dearest, only where projects share a network. */
class Glance implements ComposeTexts {
  readonly #repository: Repository;
  readonly #paths: readonly string[];
  #mounts: Map<string, TextMount[]> | undefined;
  #ports: Map<number, string[]> | undefined;
  readonly #running = new Map<string, boolean>();
  #names: Map<string, string[]> | undefined;

  constructor(repository: Repository) {
    this.#repository = repository;
    this.#paths = repository.paths.filter((path) => {
      if (!/\.ya?ml$/i.test(path) || !looksLikeCompose(repository.files, path)) return false;
      const file = repository.files.glance(path);
      return file.ok && /^["']?services["']?[ \t]*:/m.test(file.text);
    });
  }

  mounting(path: string, by: ConfigFormat["readBy"]): readonly string[] {
    this.#mounts ??= this.#mountsBySource();
    const mounts = this.#mounts;
    const found = withFoldersAbove(path).flatMap((source) =>
      (mounts.get(source) ?? []).filter(({ file, target }) => {
        if (by === undefined || target === undefined) return true;
        return by.places.test(`${target}${path.slice(source.length)}`) || this.#mayRun(file, by.named);
      }),
    );
    return [...new Set(found.map(({ file }) => folderOf(file)))];
  }

  #mountsBySource(): Map<string, TextMount[]> {
    const index = new Map<string, TextMount[]>();
    for (const file of this.#paths) {
      const text = this.#repository.files.glance(file);
      if (text.ok) for (const [source, target] of mountsIn(text.text, file)) append(index, source, { file, target });
    }
    return index;
  }

  /** Whether a file has an image of a name, or one that its text does not tell. */
  #mayRun(path: string, named: RegExp): boolean {
    const key = `${named.source}\0${path}`;
    const known = this.#running.get(key);
    if (known !== undefined) return known;
    const answer = this.#looksRunning(path, named);
    this.#running.set(key, answer);
    return answer;
  }

  #looksRunning(path: string, named: RegExp): boolean {
    const file = this.#repository.files.glance(path);
    if (!file.ok || /^[ \t]*build:|\bbuild:[ \t]*[{.]/m.test(file.text)) return true;
    return [...file.text.matchAll(imageName)].some(([, image = ""]) => image.startsWith("$") || named.test(image));
  }

  publishing(port: number): number {
    this.#ports ??= this.#indexed(portsIn, projectOf);
    return new Set(this.#ports.get(port)).size;
  }

  naming(name: string): number {
    this.#names ??= this.#indexed(namesIn, projectOf);
    return new Set(this.#names.get(name.toLowerCase())).size;
  }

  #indexed<K>(keysIn: (text: string) => Iterable<K>, told: (path: string) => string): Map<K, string[]> {
    const index = new Map<K, string[]>();
    for (const path of this.#paths) {
      const file = this.#repository.files.glance(path);
      if (file.ok) for (const key of keysIn(file.text)) append(index, key, told(path));
    }
    return index;
  }
}

/** What a path of the repository is mounted as: the target, where it stands right behind the path. */
function mountsIn(text: string, path: string): readonly (readonly [source: string, target: string | undefined])[] {
  return [relativePath, fileOption].flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(([, written = "", target]) => {
      const found = written.startsWith("/") ? undefined : normalise(posix.join(folderOf(path), written));
      return found === undefined || found === "" ? [] : [[found, target?.replace(/\/$/, "")] as const];
    }),
  );
}

function portsIn(text: string): ReadonlySet<number> {
  return new Set([...text.matchAll(publishedPort), ...text.matchAll(longPort)].map((match) => Number(match[1])));
}

function namesIn(text: string): ReadonlySet<string> {
  const named = [...text.matchAll(serviceName), ...text.matchAll(containerName)];
  return new Set(named.map((match) => (match[1] ?? "").toLowerCase()));
}

const setting = /[._-](?:base|ci|common|debug|dev|development|local|override|prod|production|staging|test|testing)$/i;

/**
 * The project that a file is of, as far as its path tells: what is named after Compose's own file is of its folder's
 * (`compose.dev.yaml`), `shop.override.yml` of `shop.yml`'s.
 */
function projectOf(path: string): string {
  const folder = folderOf(path);
  const name = posix.basename(path).replace(/\.ya?ml$/i, "");
  if (/^(?:docker-)?compose(?:$|[._-])/i.test(name)) return `${folder}/`;
  return `${folder}/${name.replace(setting, "")}`;
}

function withFoldersAbove(path: string): readonly string[] {
  const all: string[] = [];
  for (let each = path; each !== ""; each = folderOf(each)) all.push(each);
  return all;
}
