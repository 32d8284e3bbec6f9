import type { InputProblem } from "../facts/system.ts";
import { wholeFile } from "../lib/place.ts";
import type { TextFile } from "../repository/files.ts";
import { asFarAsRead } from "./as-far-as-read.ts";
import { Fields } from "./fields.ts";
import { withTemplated } from "./template/blank.ts";
import type { TreeNode } from "./tree.ts";
import { parseYaml } from "./yaml/parse.ts";

/** What a program reads that takes the first document of its YAML file for its configuration. */
export interface YamlFile {
  /** Nothing in it is whole where a mistake kept a part from being read, and what a template fills in is unresolved. */
  readonly tree: TreeNode | undefined;
  readonly root: Fields;
  readonly problems: readonly InputProblem[];
}

/** What a template engine fills in, or `envsubst` and its like; `$labels` and `${1}` are the programs' own. */
const filledIn = /\{\{|\{%|<%|\$\{[A-Za-z_]/;

/**
 * `booleans`: whose words for them the program takes. YAML 1.1's (`yes`, `off`) by default: programs in Go do where they
 * want a boolean (pkg.go.dev/gopkg.in/yaml.v3, "Compatibility"), and so does PyYAML (yaml.org/type/bool.html).
 */
export function readYamlFile({ source, text }: TextFile, booleans: "1.1" | "1.2" = "1.1"): YamlFile {
  const { documents, problems } = parseYaml(source, text, booleans === "1.1" ? { booleans } : {});
  const [first] = documents;
  const place = wholeFile(source);
  const isFilledIn = first !== undefined && filledIn.test(text);
  const tree = asFarAsRead(isFilledIn ? withTemplated(first, false, filledIn) : first, problems, place);
  return { tree, root: Fields.of(tree, place, "the file"), problems };
}
