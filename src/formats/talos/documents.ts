import { templateBlocks } from "../../facts/configuration/talos.ts";
import type { InputProblem } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import { placeAt, wholeFile } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { Fields } from "../fields.ts";
import { blanked, isTemplate, withTemplated } from "../template/blank.ts";
import { child, type TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

/** The documents of one file: the old one with `machine:` and `cluster:`, and those with a kind of their own. */
export interface TalosDocuments {
  readonly all: readonly TreeNode[];
  readonly problems: readonly InputProblem[];
  readonly place: Place;
  /** Why something may be there that is not seen; undefined where all is. */
  readonly hidden: string | undefined;
  /** Why a part of the text could not be read at all. */
  readonly broken: string | undefined;
}

/** Reads a file; of a template what stands in it as it is. Mistakes that only the template makes are none. */
export function talosDocuments(file: TextFile): TalosDocuments {
  const template = isTemplate(file.text);
  const { text, blocks } = template ? blanked(file.text) : { text: file.text, blocks: false };
  const { documents, problems } = parseYaml(file.source, text);
  const place = wholeFile(file.source);
  const broken = problems[0]?.message.replace(/\.$/, "");
  if (!template) return { all: documents, problems, place, hidden: broken, broken };
  const open = blocks || broken !== undefined;
  return {
    all: documents.map((document) => withTemplated(document, blocks)),
    problems: open ? [unevaluated(file)] : [],
    place,
    hidden: open ? templateBlocks : undefined,
    broken,
  };
}

/** Told once, so that no control has to. */
function unevaluated({ source, text }: TextFile): InputProblem {
  const at = Math.max(0, text.search(/\{%|\{\{/));
  return {
    severity: "warning",
    message: `${source.path} is a template whose blocks are not evaluated; what only they decide is not judged.`,
    hint: "Check what the template makes: render it into a folder, and check that one too.",
    place: placeAt(source, at),
  };
}

/** A document's kind; undefined for the old one. */
export function kindOf(document: TreeNode): string | undefined {
  const kind = child(document, "kind");
  return kind?.kind === "scalar" && typeof kind.value === "string" ? kind.value : undefined;
}

/** The fields of every document of a kind. */
export function ofKind(documents: TalosDocuments, kind: string): readonly Fields[] {
  return documents.all
    .filter((document) => kindOf(document) === kind)
    .map((document) => Fields.of(document, document.place, kind, documents.hidden));
}

/** `machine:` or `cluster:` of the old document, as the first that has it says. */
export function section(documents: TalosDocuments, key: "machine" | "cluster"): Fields {
  const document = documents.all.find((one) => kindOf(one) === undefined && child(one, key) !== undefined);
  if (document === undefined) return Fields.of(undefined, documents.place, key, documents.hidden);
  return Fields.of(document, document.place, "document", documents.hidden).fields(key);
}
