import type { InputProblem } from "../facts/system.ts";
import { wholeFile } from "../lib/place.ts";
import type { TextFile } from "../repository/files.ts";
import { asFarAsRead } from "./as-far-as-read.ts";
import { Fields } from "./fields.ts";
import { withMarks } from "./template/blank.ts";
import type { TreeNode } from "./tree.ts";
import { parseYaml } from "./yaml/parse.ts";

/** What a program reads that takes the first document of its YAML file for its configuration. */
export interface YamlFile {
  /** Nothing in it is whole where a mistake kept a part from being read, and what a template fills in is unresolved. */
  readonly tree: TreeNode | undefined;
  readonly root: Fields;
  readonly problems: readonly InputProblem[];
}

export function readYamlFile({ source, text }: TextFile): YamlFile {
  const { documents, problems } = parseYaml(source, text);
  const [first] = documents;
  const place = wholeFile(source);
  const tree = asFarAsRead(first === undefined ? undefined : withMarks(first, text), problems, place);
  return { tree, root: Fields.of(tree, place, "the file"), problems };
}
