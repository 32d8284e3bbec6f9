import type { AccessLevel, AccessPolicy, AccessRule } from "../../facts/configuration/access-policy.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
} from "../../facts/fact.ts";
import type { ConfigInput } from "../config-format.ts";
import { asText, Fields, type Item, type ScalarParser } from "../fields.ts";
import type { TreeNode } from "../tree.ts";

/**
 * `access_control`, as it stands. A variable goes before the file. Source: Authelia 4.39, "Access Control"; its
 * `internal/configuration/schema/access_control.go`. Networks have names under `definitions` since 4.39, before that
 * under `access_control`.
 */
export function accessPolicyOf(root: Fields, input: Pick<ConfigInput, "environment">): AccessPolicy {
  const control = root.fields("access_control");
  const networks = networkNames(root, control);
  return {
    rules: control.list("rules", (node) => ({ value: ruleOf(node, networks) })),
    otherwise: defaultPolicy(control, input),
  };
}

/** One of the policies: with any other word Authelia does not start. */
export const asLevel: ScalarParser<AccessLevel> = (node) => levels.get(String(node.value));

const levels: ReadonlyMap<string, AccessLevel> = new Map(
  Object.entries({
    bypass: "bypass",
    one_factor: "one-factor",
    two_factor: "two-factor",
    deny: "deny",
  }),
);

function defaultPolicy(control: Fields, { environment }: Pick<ConfigInput, "environment">): Fact<AccessLevel> {
  const fallback = (place: Fields["place"]): Fact<AccessLevel> => defaulted("deny", "platform", place);
  const written = control.fact("default_policy", asLevel, "a policy", fallback);
  const variable = environment?.("AUTHELIA_ACCESS_CONTROL_DEFAULT_POLICY");
  if (variable === undefined || variable.kind === "unstated") return written;
  if (variable.kind === "unknown") return variable;
  const level = levels.get(variable.value.reveal());
  return level === undefined ? unknown("the variable is no policy", variable.place) : stated(level, variable.place);
}

/** The ranges behind names. */
type NetworkNames = ReadonlyMap<string, FactList<string>>;

function networkNames(root: Fields, control: Fields): NetworkNames {
  const names = new Map<string, FactList<string>>();
  const defined = root.fields("definitions").fields("network");
  for (const { key } of defined.entries) names.set(key, defined.list(key, plainText));
  const older = control.node("networks");
  for (const item of older?.kind === "sequence" ? older.items : []) {
    const fields = Fields.of(item, item.place, "networks");
    const name = knownValue(fields.fact("name", asText, "a name", (place) => ({ kind: "unstated", place })));
    if (name !== undefined) names.set(name, fields.list("networks", plainText));
  }
  return names;
}

function ruleOf(node: TreeNode, networks: NetworkNames): AccessRule {
  const rule = Fields.of(node, node.place, "a rule");
  return {
    level: rule.fact("policy", asLevel, "a policy", (place) => defaulted("deny", "platform", place)),
    domains: rule.list("domain", plainText),
    domainPatterns: rule.list("domain_regex", plainText),
    paths: rule.list("resources", plainText),
    networks: resolved(rule.list("networks", plainText), networks),
    methods: rule.list("methods", plainText),
    byQuery: rule.node("query") !== undefined,
    bySubject: rule.node("subject") !== undefined,
    place: rule.node("policy")?.place ?? node.place,
  };
}

/** A list of ranges with those behind names in place of the names. */
function resolved(list: FactList<string>, names: NetworkNames): FactList<string> {
  const items: string[] = [];
  let why = list.complete ? undefined : list.why;
  for (const item of list.items) {
    const behind = names.get(item);
    if (behind !== undefined) items.push(...behind.items);
    else if (/^[\da-f.:]+(?:\/\d{1,3})?$/i.test(item)) items.push(item);
    else why ??= `the network \`${item}\` is defined nowhere in the file`;
    if (behind?.complete === false) why ??= behind.why;
  }
  return why === undefined ? complete(items, list.place) : incomplete(items, why, list.place);
}

/** A text that no template fills in. */
function plainText(node: TreeNode): Item<string> {
  if (node.kind !== "scalar") return { why: "an entry of the list is no text" };
  if (node.unresolved !== undefined) return { why: node.unresolved };
  const text = asText(node);
  if (text === undefined) return "nothing";
  return /\{\{|\$\{/.test(text) ? { why: `a template fills in \`${text}\`` } : { value: text };
}
