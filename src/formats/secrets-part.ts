import { complete } from "../facts/fact.ts";
import type { SecretInText } from "../facts/secrets-in-files.ts";
import type { RepositoryFile } from "../facts/subjects.ts";
import { wholeFile } from "../lib/place.ts";
import { isExample } from "../repository/secret-scan/worth-scanning.ts";
import type { ConfigInput } from "./config-format.ts";

/**
 * A part of a file with the secrets that stand in its fields, which a search of the text would not tell; `name` tells it
 * from the file (`sign-in`).
 */
export function secretsPart(
  file: RepositoryFile,
  name: string,
  secrets: readonly Omit<SecretInText, "by" | "example">[],
  { path, file: { source } }: Pick<ConfigInput, "path" | "file">,
): RepositoryFile {
  const example = isExample(path);
  return {
    ...file,
    ref: { ...file.ref, name: `${file.ref.name} (${name})` },
    isPart: true,
    secretsInText: complete(
      secrets.map((secret) => ({ ...secret, by: "assigned", example })),
      wholeFile(source),
    ),
  };
}
