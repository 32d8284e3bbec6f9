import { RingwallError } from "../../../lib/error.ts";
import { placeAt, type Source } from "../../../lib/place.ts";
import { asText } from "../../fields.ts";
import { child, type TreeNode } from "../../tree.ts";
import { parseYaml } from "../../yaml/parse.ts";
import { type CreationRule, readRules, ruleLists } from "../rules.ts";
import type { EncryptionRule } from "./encryption-rule.ts";
import { type Selectors, selectorNames, selectorsOf } from "./selectors.ts";

/**
 * The rule of a `.sops.yaml` for a file: the first whose `path_regex` takes its path, which is relative to the folder of
 * the `.sops.yaml`. Throws where there is none, and where it cannot be told which it is.
 *
 * Source: getsops/sops v3.13.3, `config/config.go` (`parseCreationRuleForFile`, `configFromRule`).
 */
export function encryptionRuleFor(source: Source, text: string, path: string): EncryptionRule {
  const { rules, problems } = readRules(source, text);
  const mistake = problems.find(({ severity }) => severity === "error");
  if (mistake !== undefined) {
    throw new RingwallError("syntax", mistake.message, {
      place: mistake.place,
      ...(mistake.hint === undefined ? {} : { hint: mistake.hint }),
    });
  }
  const rule = ruleTaking(rules, path);
  if (rule === undefined) {
    throw new RingwallError("not-found", `No creation rule takes ${path}.`, {
      hint: "Add one with a `path_regex` for it and recipients under `age`.",
      place: placeAt(source, 0),
    });
  }
  const indent = indentOf(source, text);
  return { ...readRule(rule), ...(indent === undefined ? {} : { yamlIndent: indent }) };
}

function ruleTaking(rules: readonly CreationRule[], path: string): CreationRule | undefined {
  for (const rule of rules) {
    if (rule.unreadable) {
      throw new RingwallError(
        "unsupported",
        "`path_regex` cannot be read as one of Go's regular expressions, so that nobody can tell which rule counts.",
        {
          hint: "Look-ahead and back-references are not known to Go; Unicode classes are not known here.",
          place: rule.place,
        },
      );
    }
    if (rule.pattern === undefined || rule.pattern.test(path)) return rule;
  }
  return undefined;
}

function readRule({ node, place }: CreationRule): EncryptionRule {
  const listed = child(node, "key_groups");
  const groups = listed?.kind === "sequence" && listed.items.length > 0 ? listed.items : [node];
  const stated: Selectors = Object.fromEntries(selectorNames.map((name) => [name, textAt(node, name)]));
  const rule: EncryptionRule = {
    groups: groups.map((group) => [...new Set(agesOf(group))]),
    threshold: Number(textAt(node, "shamir_threshold")) || 0,
    otherKinds: [...new Set(groups.flatMap(otherKindsOf))],
    selectors: selectorsOf(stated, place),
    macOnlyEncrypted: textAt(node, "mac_only_encrypted") === "true",
  };
  if (rule.otherKinds.length > 0 || rule.groups.every((group) => group.length > 0)) return rule;
  throw new RingwallError("invalid", "This creation rule has a key group without a recipient.", {
    hint: "Name recipients under `age`, as one text with commas or as a list.",
    place,
  });
}

/** Recipients of age of a rule or key group, and of groups that are merged into it. */
function agesOf(node: TreeNode): readonly string[] {
  const merged = child(node, "merge");
  const inner = merged?.kind === "sequence" ? merged.items.flatMap(agesOf) : [];
  const age = child(node, "age");
  const items = age === undefined ? [] : age.kind === "sequence" ? age.items : [age];
  const own = items.flatMap((item) => (item.kind === "scalar" ? (asText(item) ?? "") : "").split(","));
  return [...inner, ...own.map((text) => text.trim()).filter((text) => text !== "")];
}

function otherKindsOf(node: TreeNode): readonly string[] {
  const merged = child(node, "merge");
  const inner = merged?.kind === "sequence" ? merged.items.flatMap(otherKindsOf) : [];
  const own = Object.entries(ruleLists).filter(([key, kind]) => kind !== "age" && isStated(child(node, key)));
  return [...inner, ...own.map(([, kind]) => kind)];
}

function isStated(node: TreeNode | undefined): boolean {
  if (node === undefined) return false;
  if (node.kind === "scalar") return node.value !== null && node.value !== "";
  return node.kind === "sequence" ? node.items.length > 0 : true;
}

function textAt(node: TreeNode, key: string): string {
  const value = child(node, key);
  return (value?.kind === "scalar" ? asText(value) : undefined) ?? "";
}

/** `stores.yaml.indent`. */
function indentOf(source: Source, text: string): number | undefined {
  if (!text.includes("stores")) return undefined;
  const root = parseYaml(source, text).documents[0];
  const indent = child(child(child(root, "stores"), "yaml"), "indent");
  const found = indent?.kind === "scalar" && typeof indent.value === "number" ? indent.value : 0;
  return found > 0 && found <= 9 ? found : undefined;
}
