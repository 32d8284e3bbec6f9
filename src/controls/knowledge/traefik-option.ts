import type { Edit, PlainValue } from "../../contracts/fix.ts";
import type { TraefikConfiguration } from "../../facts/configuration/traefik.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/**
 * States an option of Traefik that nobody states: as an argument where its arguments in Compose say what it does, else in
 * its static file. Undefined for TOML and for other platforms.
 */
export function traefikOption(
  file: RepositoryFile,
  system: System,
  { place }: TraefikConfiguration,
  option: { readonly path: readonly string[]; readonly value: PlainValue; readonly argument: string },
): readonly [Edit] | undefined {
  if (place.kind !== "file" || place.whole === true || !/\.ya?ml$/i.test(place.source.path)) return undefined;
  const owner = system.workloadOf(file);
  const byArguments = owner?.place.kind === "file" && owner.place.source.path === place.source.path;
  if (byArguments && file.platform !== "compose") return undefined;
  const [path, change] = byArguments
    ? [[], { kind: "append", value: option.argument } as const]
    : [option.path, { kind: "set", value: option.value } as const];
  return [{ kind: "document", at: place, of: "node", path, change }];
}
