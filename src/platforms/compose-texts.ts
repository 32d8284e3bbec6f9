import { posix } from "node:path";
import { append } from "../lib/append.ts";
import { normalise } from "../repository/files.ts";
import type { Repository } from "../repository/repository.ts";
import { looksLikeCompose } from "./compose/load/sniff.ts";

/**
 * What the texts of a repository's Compose files say at a glance, over all its projects: enough to tell whether a name or
 * a port means one service, without reading the projects that are not at hand.
 */
export interface ComposeTexts {
  /** The folders of the files that mount a path, or a folder around it. */
  mounting(path: string): readonly string[];
  /** How many files publish a port on the host. */
  publishing(port: number): number;
  /** How many files have a service or container of a name. */
  naming(name: string): number;
}

const cache = new WeakMap<Repository, ComposeTexts>();

export function composeTexts(repository: Repository): ComposeTexts {
  const known = cache.get(repository);
  if (known !== undefined) return known;
  const made = glance(repository);
  cache.set(repository, made);
  return made;
}

const relativePath = /(?:^|[\s"'=:,{[])(\.{1,2}\/[^\s:"',}\]]{0,400})/gm;
const fileOption = /^\s*(?:-\s*)?(?:file|source):\s*["']?([^\s"'#:]{1,400})/gm;
const publishedPort =
  /(?:^|[["'\s,])(?:\d{1,3}(?:\.\d{1,3}){3}:|\[[^\]]{0,40}\]:)?(\d{2,5}):\d{2,5}(?:\/tcp)?(?=["'\s,\]]|$)/gm;
const longPort = /^\s*published:\s*["']?(\d{2,5})/gm;
const serviceName = /^(?: {1,8}|\t)["']?([\w.-]{1,80})["']?:[ \t]*(?:#.*)?$/gm;
const containerName = /^\s*container_name:\s*["']?([\w.-]{1,80})/gm;

function glance(repository: Repository): ComposeTexts {
  const mounts = new Map<string, string[]>();
  const ports = new Map<number, string[]>();
  const names = new Map<string, string[]>();
  for (const path of repository.paths) {
    if (!/\.ya?ml$/i.test(path) || !looksLikeCompose(repository.files, path)) continue;
    const file = repository.files.glance(path);
    if (!file.ok || !/^["']?services["']?[ \t]*:/m.test(file.text)) continue;
    const folder = posix.dirname(path) === "." ? "" : posix.dirname(path);
    for (const pattern of [relativePath, fileOption]) {
      for (const [, written] of file.text.matchAll(pattern)) {
        const found = normalise(posix.join(folder, written ?? ""));
        if (found !== undefined && found !== "" && !(written ?? "").startsWith("/")) append(mounts, found, folder);
      }
    }
    const onPort = [...file.text.matchAll(publishedPort), ...file.text.matchAll(longPort)].map((match) =>
      Number(match[1]),
    );
    for (const port of new Set(onPort)) append(ports, port, path);
    const named = [...file.text.matchAll(serviceName), ...file.text.matchAll(containerName)].map((match) =>
      (match[1] ?? "").toLowerCase(),
    );
    for (const name of new Set(named)) append(names, name, path);
  }
  return {
    mounting: (path) => [...new Set(withFoldersAbove(path).flatMap((each) => mounts.get(each) ?? []))],
    publishing: (port) => ports.get(port)?.length ?? 0,
    naming: (name) => names.get(name.toLowerCase())?.length ?? 0,
  };
}

function withFoldersAbove(path: string): readonly string[] {
  const all: string[] = [];
  for (let each = path; each !== ""; each = each.slice(0, Math.max(0, each.lastIndexOf("/")))) all.push(each);
  return all;
}
