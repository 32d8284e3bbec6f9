import type { Configuration } from "../facts/configuration/configuration.ts";
import { complete, stated, unknown, unstated } from "../facts/fact.ts";
import type { RepositoryFile, Workload } from "../facts/subjects.ts";
import { wholeFile } from "../lib/place.ts";
import type { ConfigInput } from "./config-format.ts";

/** What of a reader's input names the file. */
export interface ConfigurationOwner extends Pick<ConfigInput, "file" | "path" | "system" | "lens" | "platform"> {
  readonly owner: Pick<Workload, "ref"> | undefined;
}

/** The file itself as a subject, with what it says. Its secrets and what Git knows of it are told by others. */
export function configurationFile(
  { file, path, system, lens, platform, owner }: ConfigurationOwner,
  configuration: Configuration,
): RepositoryFile {
  const place = wholeFile(file.source);
  return {
    kind: "repository-file",
    ref: { kind: "repository-file", system, name: path },
    lens,
    platform,
    place,
    path: file.source.path,
    role: "configuration",
    ...(owner === undefined ? {} : { owner: owner.ref }),
    configuration,
    mode: file.mode === undefined ? unknown("the file system keeps no permissions", place) : stated(file.mode, place),
    ignored: unstated(place),
    tracked: unstated(place),
    secretNames: complete([], place),
  };
}
