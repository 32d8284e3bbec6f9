import { posix } from "node:path";
import type { ConfinedFiles } from "../../repository/files.ts";
import { type CreationRule, isRulesFile, readRules } from "./rules.ts";

/** The rule that SOPS would take for a file, run in the folder of its nearest `.sops.yaml` that has one. */
export interface RuleForFile {
  readonly rule: CreationRule;
  /** The `.sops.yaml`, relative to the root. */
  readonly file: string;
}

interface RulesOfFolder {
  readonly folder: string;
  readonly file: string;
  readonly rules: readonly CreationRule[];
}

/** The creation rules of a folder and of those below it, asked file by file. */
export class RulesOfRepository {
  readonly #byFolder = new Map<string, RulesOfFolder>();

  constructor(paths: readonly string[], files: ConfinedFiles) {
    for (const path of paths) {
      if (!isRulesFile(path)) continue;
      const file = files.read(path);
      if (!file.ok) continue;
      const folder = path.includes("/") ? posix.dirname(path) : "";
      this.#byFolder.set(folder, { folder, file: path, rules: readRules(file.source, file.text).rules });
    }
  }

  /** True where no file has a rule. */
  get none(): boolean {
    return this.#byFolder.size === 0;
  }

  /** The first rule of the nearest file above that takes a path; undefined where none does. */
  ruleFor(path: string): RuleForFile | undefined {
    if (this.none) return undefined;
    for (let folder = path; folder !== ""; ) {
      folder = folder.includes("/") ? posix.dirname(folder) : "";
      const rules = this.#byFolder.get(folder);
      const rule = rules === undefined ? undefined : firstRule(rules.rules, withinFolder(path, folder));
      if (rules !== undefined && rule !== undefined) return { rule, file: rules.file };
    }
    return undefined;
  }
}

/**
 * The first rule that takes a path, as SOPS asks them in their order (parseCreationRuleForFile). A rule whose expression
 * cannot be read may be the one: then nothing is told.
 */
export function firstRule(rules: readonly CreationRule[], path: string): CreationRule | undefined {
  for (const rule of rules) {
    if (rule.unreadable) return undefined;
    if (rule.pattern === undefined || rule.pattern.test(path)) return rule;
  }
  return undefined;
}

export function withinFolder(path: string, folder: string): string {
  return folder === "" ? path : path.slice(folder.length + 1);
}
