import { posix } from "node:path";
import type { InputProblem } from "../../../facts/system.ts";
import type { Source } from "../../../lib/place.ts";
import type { ConfinedFiles } from "../../../repository/files.ts";
import type { HclAttribute, HclBlock, HclBody } from "../ast.ts";
import { parseHcl } from "../parse.ts";
import { parseHclJson } from "../parse-json.ts";
import { withOverrides } from "./overrides.ts";

/** The files of one folder that are a module together, sorted by what their blocks declare. */
export interface ModuleSource {
  /** Relative to the repository's root. */
  readonly folder: string;
  readonly variables: ReadonlyMap<string, HclBlock>;
  readonly locals: ReadonlyMap<string, HclAttribute>;
  readonly outputs: ReadonlyMap<string, HclBlock>;
  readonly resources: readonly ResourceBlock[];
  readonly calls: ReadonlyMap<string, HclBlock>;
  readonly providers: readonly HclBlock[];
  readonly settings: readonly HclBlock[];
  /** Why blocks may be missing. */
  readonly incomplete: string | undefined;
  readonly problems: readonly InputProblem[];
  readonly sources: readonly Source[];
}

/** A `resource` or `data` block. */
export interface ResourceBlock {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly block: HclBlock;
}

const moduleFile = /\.(?:tf|tofu)(?:\.json)?$/;
const ignored = /^\.|~$|^#.*#$/;

/** Whether a path is a file of a module: what OpenTofu and Terraform read of a folder. */
export function isModuleFile(path: string): boolean {
  const name = posix.basename(path);
  return moduleFile.test(name) && !ignored.test(name);
}

/** Reads the module that a folder's files are, in the order of their names. */
export function readModule(files: ConfinedFiles, folder: string, names: readonly string[]): ModuleSource {
  const problems: InputProblem[] = [];
  const sources: Source[] = [];
  const own: HclBody[] = [];
  const overrides: HclBody[] = [];
  let incomplete: string | undefined;
  for (const name of withoutShadowed(names).filter(isModuleFile).sort()) {
    const file = files.read(posix.join(folder, name));
    if (!file.ok) {
      incomplete ??= `${file.path} cannot be read`;
      problems.push({ severity: "error", message: file.message, place: { kind: "object", locator: file.path } });
      continue;
    }
    sources.push(file.source);
    const parsed = name.endsWith(".json") ? parseHclJson(file.source, file.text) : parseHcl(file.source, file.text);
    problems.push(...parsed.problems);
    if (parsed.body.incomplete !== undefined) incomplete ??= `part of ${file.source.path} could not be read`;
    (isOverride(name) ? overrides : own).push(parsed.body);
  }
  const declared = firstOfEach(
    own.flatMap((body) => body.blocks),
    problems,
  );
  const blocks = withOverrides(
    declared,
    overrides.flatMap((body) => body.blocks),
  );
  return { folder, ...sorted(blocks), incomplete, problems, sources };
}

const declaredOnce = new Set(["data", "module", "output", "resource", "variable"]);

/** Of blocks that declare the same the first counts; OpenTofu takes none of them. */
function firstOfEach(blocks: readonly HclBlock[], problems: InputProblem[]): readonly HclBlock[] {
  const seen = new Set<string>();
  return blocks.filter(({ type, labels, place }) => {
    const name = [type, ...labels.map((label) => label.text)];
    if (!declaredOnce.has(type) || !seen.has(name.join("\0"))) {
      seen.add(name.join("\0"));
      return true;
    }
    const message = `${name.join(" ")} is declared twice; OpenTofu refuses that, and only the first is read.`;
    problems.push({ severity: "error", message, place });
    return false;
  });
}

function isOverride(name: string): boolean {
  return /^(?:override|.*_override)\.(?:tf|tofu)(?:\.json)?$/.test(name);
}

/** Of `main.tf` and `main.tofu` beside one another OpenTofu reads the latter. */
function withoutShadowed(names: readonly string[]): readonly string[] {
  const all = new Set(names);
  return names.filter((name) => !/\.tf(?:\.json)?$/.test(name) || !all.has(name.replace(/\.tf(\.json)?$/, ".tofu$1")));
}

function sorted(blocks: readonly HclBlock[]) {
  const variables = new Map<string, HclBlock>();
  const locals = new Map<string, HclAttribute>();
  const outputs = new Map<string, HclBlock>();
  const calls = new Map<string, HclBlock>();
  const resources: ResourceBlock[] = [];
  const providers: HclBlock[] = [];
  const settings: HclBlock[] = [];
  for (const block of blocks) {
    const [first, second] = block.labels.map((label) => label.text);
    if (block.type === "variable" && first !== undefined) keepFirst(variables, first, block);
    else if (block.type === "output" && first !== undefined) keepFirst(outputs, first, block);
    else if (block.type === "module" && first !== undefined) keepFirst(calls, first, block);
    else if (block.type === "provider") providers.push(block);
    else if (block.type === "terraform") settings.push(block);
    else if (block.type === "locals") for (const [name, local] of block.body.attributes) keepFirst(locals, name, local);
    else if (block.type === "resource" || block.type === "data") {
      if (first === undefined || second === undefined) continue;
      resources.push({ mode: block.type === "data" ? "data" : "managed", type: first, name: second, block });
    }
  }
  return { variables, locals, outputs, calls, resources, providers, settings };
}

function keepFirst<V>(map: Map<string, V>, key: string, value: V): void {
  if (!map.has(key)) map.set(key, value);
}
