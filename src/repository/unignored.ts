import { posix } from "node:path";
import type { UnignoredKind } from "../facts/secrets-in-files.ts";
import type { Place } from "../lib/place.ts";
import type { Repository } from "./repository.ts";
import { isExample } from "./secret-scan/worth-scanning.ts";

/** A tool that leaves files with secrets beside those that show it is used. */
interface Tool {
  readonly name: string;
  /** A file by which it is seen to be used. */
  readonly seenBy: RegExp;
  /** Names of what it makes or expects, each with the line that ignores it. */
  readonly makes: readonly (readonly [name: string, pattern: string])[];
}

const tools: readonly Tool[] = [
  { name: "Compose", seenBy: /(?:^|\/)(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml$/, makes: [[".env", ".env"]] },
  {
    name: "OpenTofu",
    seenBy: /\.(?:tf|tofu)$/,
    makes: [
      ["terraform.tfstate", "*.tfstate"],
      ["terraform.tfstate.backup", "*.tfstate.*"],
      ["secrets.auto.tfvars", "*.tfvars"],
    ],
  },
  { name: "SOPS", seenBy: /(?:^|\/)\.sops\.yaml$/, makes: [["age.key", "age.key"]] },
  {
    name: "Talos",
    seenBy: /(?:^|\/)(?:talconfig\.ya?ml|talos\/.+\.ya?ml(?:\.j2)?)$/,
    makes: [
      ["talosconfig", "talosconfig"],
      ["kubeconfig", "kubeconfig"],
    ],
  },
];

/**
 * What the tools of these files make and Git would take, each kind once, at the first folder where that is so. A kind of
 * which a file is there is passed over: that file is judged itself. Empty outside of a Git repository.
 */
export function unignoredKinds(repository: Repository, place: Place): readonly UnignoredKind[] {
  const there = new Set(repository.paths.map((path) => posix.basename(path)));
  const found = new Map<string, UnignoredKind>();
  for (const path of repository.paths) {
    if (isExample(path)) continue;
    for (const tool of tools) {
      if (!tool.seenBy.test(path)) continue;
      for (const [name, pattern] of tool.makes) {
        if (found.has(pattern) || there.has(name)) continue;
        const git = repository.gitStateOf(posix.join(posix.dirname(path), name));
        if (git === undefined || "why" in git || git.ignored) continue;
        found.set(pattern, { pattern, tool: tool.name, place });
      }
    }
  }
  return [...found.values()];
}
