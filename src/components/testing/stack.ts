import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConfigFile, ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import { loadText } from "../../resolve/load.ts";
import { resolveStack } from "../../resolve/resolve.ts";
import { components } from "../registry.ts";

/** A stack of the text of a declaration, with the components of this Ringwall. For tests. */
export function stackFrom(text: string): ResolvedStack {
  const file = { path: "/nowhere/stack.yaml", folder: "/nowhere", shownAs: "stack.yaml" };
  return resolveStack(loadText(file, text, components), components);
}

/** The service of a name; a test that asks for another is wrong. */
export function serviceIn(stack: ResolvedStack, name: string): ResolvedService {
  const found = stack.services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`the stack has no service ${name}`);
  return found;
}

/** The file of a service that is mounted at a path. */
export function fileAt(stack: ResolvedStack, name: string, target: string): ConfigFile {
  const found = serviceIn(stack, name).config.find((file) => file.target === target);
  if (found === undefined) throw new Error(`${name} has no file ${target}`);
  return found;
}

/** A program of the lab's cache, or undefined where the lab was not installed. */
export function labProgram(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const cache = env.RINGWALL_LAB_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ringwall-lab");
  const path = join(cache, "bin", name);
  return existsSync(path) ? path : undefined;
}
