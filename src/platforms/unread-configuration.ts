/** Configuration files of which nothing can be read, and what is said of them. */
import type { InputProblem, System } from "../facts/system.ts";
import type { ConfigFormat } from "../formats/config-format.ts";
import { type Place, wholeFile } from "../lib/place.ts";
import type { FileFailure } from "../repository/file-failure.ts";
import type { TextFile } from "../repository/files.ts";
import type { MountedFile } from "./mounted-files.ts";
import { isStartedFrom } from "./started-from.ts";

/** Endings and names of what people write. What is named otherwise may well be no text, as a machine's image is none. */
const written =
  /\.(?:conf|cfg|ini|ya?ml|toml|hcl|json|vhost)$|(?:^|\/)(?:Caddyfile|Dockerfile|Containerfile|sshd_config)$/i;

/** A file that has the name of configuration and is no text. `shown` is its path as people know it; a program that reads it makes it an error. */
export function noText(
  failure: FileFailure,
  path: string,
  shown: string,
  severity: InputProblem["severity"],
): readonly InputProblem[] {
  if ((failure.reason !== "binary" && failure.reason !== "not-utf8") || !written.test(path)) return [];
  const place: Place = { kind: "object", locator: shown };
  const hint = "Where git-crypt or the like encrypts it, unlock it before the check; else save it as UTF-8 text.";
  return [{ severity, message: failure.message, hint, place }];
}

/** A file that a program starts from, and that has nothing in it which the program could read. */
export function nothingIn(
  file: TextFile,
  { owner, inside }: MountedFile,
  candidates: readonly ConfigFormat[],
  system: System,
): readonly InputProblem[] {
  const format = candidates.find((one) => one.mayBe(inside) && isStartedFrom(inside, one, owner, system));
  if (format === undefined) return [];
  const isEmpty = file.text.split("\n").every((line) => /^\s*(?:#|$)/.test(line));
  // Of what leads nowhere a program may have another kind of file under the same name.
  if (!isEmpty && format.readBy === undefined) return [];
  const what = isEmpty ? "It has nothing in it" : `It has nothing in it that is ${format.name}'s`;
  return [
    {
      severity: "warning",
      message: `${what}, and ${owner.ref.name} starts from it: what it serves is not seen.`,
      hint: `Mount the file that ${owner.ref.name} is meant to read at ${inside}.`,
      place: wholeFile(file.source),
    },
  ];
}
