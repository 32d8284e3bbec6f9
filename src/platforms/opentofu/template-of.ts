import type { ConfigFormat } from "../../formats/config-format.ts";
import type { Source } from "../../lib/place.ts";
import type { Repository } from "../../repository/repository.ts";
import { isTemplate } from "./is-template.ts";

/** The file that a text is the content of, or was made of as a template. */
export interface Template {
  readonly source: Source;
  readonly path: string;
  readonly text: string;
  /** Whether it is read as a file of its own, too. */
  readonly standsByItself: boolean;
}

/** Undefined for a text that stands in the configuration itself. */
export function templateOf(
  { file: from }: { readonly file?: Source },
  repository: Repository,
  format: ConfigFormat,
): Template | undefined {
  if (from === undefined) return undefined;
  const path = repository.pathOf(from.path);
  const file = repository.files.read(path);
  if (!file.ok) return undefined;
  const { source, text } = file;
  const standsByItself = format.mayBe(path) && format.recognises(path, text) && !isTemplate.test(path);
  return { source, path, text, standsByItself };
}
