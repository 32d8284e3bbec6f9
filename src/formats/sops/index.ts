import { posix } from "node:path";
import type { SopsRule, SopsRules } from "../../facts/configuration/sops.ts";
import { complete, type Fact, incomplete, stated, unknown, unstated } from "../../facts/fact.ts";
import { pathIndexOf } from "../../repository/path-index.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { type CreationRule, isRulesFile, readRules } from "./rules.ts";
import { firstRule, withinFolder } from "./rules-of-repository.ts";

/** `.sops.yaml`: who may open which files. The files themselves are read wherever they lie (`state.ts`). */
export const sopsRulesFormat: ConfigFormat = {
  name: "SOPS creation rules",
  mayBe: isRulesFile,
  recognises: (path) => isRulesFile(path),
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { file, path, paths } = input;
  const { rules, problems, place } = readRules(file.source, file.text);
  const used = usedRules(rules, path, paths);
  const items = rules.map((rule) => factsOf(rule, rules, used));
  const why = problems[0]?.message.replace(/\.$/, "");
  const configuration: SopsRules = {
    software: "sops",
    rules: why === undefined ? complete(items, place) : incomplete(items, why, place),
  };
  return { subjects: [configurationFile(input, configuration)], problems, sources: [] };
}

/** The numbers of the rules that some file falls to. */
function usedRules(rules: readonly CreationRule[], path: string, paths: readonly string[]): ReadonlySet<number> {
  const used = new Set<number>();
  const folder = path.includes("/") ? posix.dirname(path) : "";
  for (const one of pathIndexOf(paths).below(folder)) {
    if (one === path) continue;
    const rule = firstRule(rules, withinFolder(one, folder));
    if (rule !== undefined) used.add(rule.number);
    if (used.size === rules.length) break;
  }
  return used;
}

function factsOf(rule: CreationRule, rules: readonly CreationRule[], used: ReadonlySet<number>): SopsRule {
  const { number, path, recipients, place } = rule;
  const hidden = rules.find(
    (other) => other.number < number && (takesAll(other) || (path !== undefined && other.path === path)),
  );
  const unclear = rules.find((other) => other.number <= number && other.unreadable);
  return {
    number,
    pattern: path === undefined ? unstated(place) : stated(path, place),
    recipients: complete(recipients, place),
    used: usedFact(rule, used.has(number), unclear),
    hiddenBy: hidden?.number,
    place,
  };
}

function usedFact({ place }: CreationRule, used: boolean, unclear: CreationRule | undefined): Fact<boolean> {
  if (!used && unclear !== undefined) {
    return unknown(`the expression of rule ${unclear.number} cannot be read here`, place);
  }
  return stated(used, place);
}

function takesAll({ path }: CreationRule): boolean {
  return path === undefined || /^\^?\.[*+]\$?$/.test(path);
}
