import type { AlertedCondition } from "../../facts/subjects.ts";
import type { InputProblem } from "../../facts/system.ts";
import type { Source } from "../../lib/place.ts";
import { pathIndexOf } from "../../repository/path-index.ts";
import { mistakeIn } from "../as-far-as-read.ts";
import type { ConfigInput } from "../config-format.ts";
import { asText, Fields } from "../fields.ts";
import type { TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

export interface LoadedRules {
  readonly names: readonly string[];
  readonly conditions: readonly AlertedCondition[];
  readonly sources: readonly Source[];
  readonly problems: readonly InputProblem[];
  /** Why there may be more. */
  readonly unread: string | undefined;
}

/** The alerts of the rule files that a configuration names, patterns (`rules/*.yml`) included. */
export function loadRules(patterns: readonly string[], input: ConfigInput): LoadedRules {
  const names: string[] = [];
  const conditions = new Set<AlertedCondition>();
  const sources: Source[] = [];
  const problems: InputProblem[] = [];
  let unread: string | undefined;
  for (const pattern of patterns) {
    const found = matching(pattern, input);
    if (found.length === 0) unread ??= `no file of this folder is ${pattern}`;
    for (const path of found) {
      const file = input.files.read(path);
      if (!file.ok) {
        unread ??= file.message.replace(/\.$/, "");
        continue;
      }
      const parsed = parseYaml(file.source, file.text);
      sources.push(file.source);
      problems.push(...parsed.problems);
      unread ??= mistakeIn(parsed.problems);
      for (const { name, expression } of alertsIn(parsed.documents[0])) {
        names.push(name);
        for (const condition of conditionsOf(name, expression)) conditions.add(condition);
      }
    }
  }
  return { names, conditions: [...conditions], sources, problems, unread };
}

function matching(pattern: string, { locate, files, paths }: ConfigInput): readonly string[] {
  const slash = pattern.lastIndexOf("/");
  const [folderPart, namePart] = [pattern.slice(0, slash + 1), pattern.slice(slash + 1)];
  if (!/[*?[]/.test(pattern)) {
    const path = locate(pattern);
    return path !== undefined && files.exists(path) ? [path] : [];
  }
  // Prometheus takes patterns in the last part of the path alone.
  const folder = /[*?[]/.test(folderPart) ? undefined : locate(folderPart === "" ? "." : folderPart);
  if (folder === undefined) return [];
  const parts = namePart.split("*");
  const found = pathIndexOf(paths).in(folder.replace(/\/$/, ""));
  return found.filter((path) => fits(path.slice(path.lastIndexOf("/") + 1), parts));
}

/** Whether a name is made of the parts in their order, with anything between them. */
function fits(name: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

function* alertsIn(root: TreeNode | undefined): Generator<{ readonly name: string; readonly expression: string }> {
  const groups = root?.kind === "mapping" ? root.entries.get("groups")?.value : undefined;
  if (groups?.kind !== "sequence") return;
  for (const group of groups.items) {
    const rules = group.kind === "mapping" ? group.entries.get("rules")?.value : undefined;
    if (rules?.kind !== "sequence") continue;
    for (const node of rules.items) {
      const rule = Fields.of(node, node.place, "a rule");
      const name = textAt(rule, "alert");
      if (name !== undefined) yield { name, expression: textAt(rule, "expr") ?? "" };
    }
  }
}

function textAt(fields: Fields, key: string): string | undefined {
  const node = fields.node(key);
  return node?.kind === "scalar" ? asText(node) : undefined;
}

/** What an alert is about, by what its expression asks for. */
const conditionPatterns: readonly (readonly [AlertedCondition, RegExp])[] = [
  ["service-down", /\bup\s*(?:\{[^{}]*\}\s*)?(?:==\s*0|<\s*1)|absent(?:_over_time)?\s*\(|probe_success/],
  ["memory", /_memory_|_mem_|MemAvailable/i],
  ["disk", /filesystem_(?:avail|free|files_free)|node_filesystem|disk_(?:free|used)|volume_stats_available/i],
];

const conditionNames: ReadonlyMap<string, AlertedCondition> = new Map([
  ["ServiceDown", "service-down"],
  ["CriticalMemoryUsage", "memory"],
  ["DiskSpaceCritical", "disk"],
]);

function conditionsOf(name: string, expression: string): readonly AlertedCondition[] {
  const named = conditionNames.get(name);
  return [
    ...(named === undefined ? [] : [named]),
    ...conditionPatterns.filter(([, pattern]) => pattern.test(expression)).map(([condition]) => condition),
  ];
}
