/**
 * What lies in `config.yaml.d` beside k3s's and RKE2's own file, which is read with it.
 *
 * Source: `pkg/configfilearg/parser.go` of k3s v1.33: the files that end in `.yaml` or `.yml`, by their names and after the
 * file itself; of a key the last one counts, unless it ends in `+`, which adds to what came before.
 */

import type { Source } from "../../lib/place.ts";
import { pathIndexOf } from "../../repository/path-index.ts";
import type { ConfigFacts, ConfigInput } from "../config-format.ts";
import { type TalosDocuments, talosDocuments } from "../talos/documents.ts";
import type { MappingEntry, TreeNode } from "../tree.ts";

const template = /\.(?:j2|jinja2?|tmpl|tpl)$/i;

/** The documents of the file with what is laid over the first of them, and the files that this is of. */
export function withDropIns(
  main: TalosDocuments,
  { path, paths, files }: ConfigInput,
): TalosDocuments & Pick<ConfigFacts, "sources"> {
  const [first, ...others] = main.all;
  const beside = pathIndexOf(paths)
    .in(`${path.replace(template, "")}.d`)
    .filter((each) => /\.ya?ml$/i.test(each.replace(template, "")))
    .toSorted();
  if (beside.length === 0 || (first !== undefined && first.kind !== "mapping")) return { ...main, sources: [] };
  const entries = new Map(first?.entries);
  const sources: Source[] = [];
  const problems = [...main.problems];
  let { hidden } = main;
  for (const each of beside) {
    const file = files.read(each);
    if (!file.ok) {
      hidden ??= `${each} cannot be read`;
      continue;
    }
    const over = talosDocuments(file);
    sources.push(file.source);
    problems.push(...over.problems);
    hidden ??= over.hidden;
    const [document] = over.all;
    if (document?.kind === "mapping") for (const entry of document.entries.values()) lay(entry, entries);
  }
  const whole: TreeNode = { kind: "mapping", ...first, entries, place: first?.place ?? main.place };
  return { ...main, all: [whole, ...others], problems, hidden, sources };
}

/** What adds to another stands under the key with the sign, which says no other thing in one file. */
function lay(entry: MappingEntry, entries: Map<string, MappingEntry>): void {
  const name = entry.key.replace(/\+$/, "");
  const added = `${name}+`;
  const before = entries.get(added);
  if (entry.key === name) {
    entries.delete(added);
    entries.set(name, entry);
  } else if (before === undefined) {
    entries.set(added, entry);
  } else {
    const items = [...itemsOf(before.value), ...itemsOf(entry.value)];
    entries.set(added, { ...entry, value: { kind: "sequence", items, place: entry.value.place } });
  }
}

function itemsOf(node: TreeNode): readonly TreeNode[] {
  return node.kind === "sequence" ? node.items : [node];
}
