/**
 * Values with which Authelia does not start.
 *
 * Source: Authelia 4.39, `internal/configuration/validator/access_control.go` (policies), and its provider, which decodes by
 * `mapstructure` with weak types: a text is a boolean where Go's `strconv.ParseBool` takes it, or where it is empty.
 */
import type { InputProblem } from "../../facts/system.ts";
import type { ConfigInput } from "../config-format.ts";
import { isFilledIn, isNoSwitch, refused } from "../refused.ts";
import { child, type ScalarNode, type TreeNode } from "../tree.ts";
import { asLevel } from "./access.ts";

const program = "Authelia";

const unverifying: readonly (readonly string[])[] = [
  ["authentication_backend", "ldap"],
  ["notifier", "smtp"],
  ["storage", "postgres"],
  ["storage", "mysql"],
  ["session", "redis"],
];

export function wrongValues(
  root: TreeNode | undefined,
  { environment }: Pick<ConfigInput, "environment">,
): readonly InputProblem[] {
  const control = child(root, "access_control");
  const rules = child(control, "rules");
  // A variable goes before the file, which is not looked at then.
  const variable = environment?.("AUTHELIA_ACCESS_CONTROL_DEFAULT_POLICY").kind ?? "unstated";
  return [
    ...(variable === "unstated" ? notLevel("default_policy", child(control, "default_policy")) : []),
    ...(rules?.kind === "sequence" ? rules.items.flatMap((rule) => notLevel("policy", child(rule, "policy"))) : []),
    ...unverifying.flatMap((path) => {
      const section = [...path, "tls"].reduce<TreeNode | undefined>(child, root);
      return notBoolean("skip_verify", child(section, "skip_verify"));
    }),
    ...notNumber("max_retries", child(child(root, "regulation"), "max_retries")),
  ];
}

function notLevel(name: string, node: TreeNode | undefined): readonly InputProblem[] {
  const scalar = written(node);
  if (scalar === undefined || asLevel(scalar) !== undefined) return [];
  return [refused(program, `\`${name}\` is no policy`, "`bypass`, `one_factor`, `two_factor` or `deny`", scalar.place)];
}

function notBoolean(name: string, node: TreeNode | undefined): readonly InputProblem[] {
  const scalar = written(node);
  if (scalar === undefined || !isNoSwitch(String(scalar.value))) return [];
  return [refused(program, `\`${name}\` is neither true nor false`, "`true` or `false`", scalar.place)];
}

function notNumber(name: string, node: TreeNode | undefined): readonly InputProblem[] {
  const scalar = written(node);
  if (scalar === undefined || /\d/.test(String(scalar.value))) return [];
  return [refused(program, `\`${name}\` is not a number`, "a number, and 0 for no limit", scalar.place)];
}

/** A text that stands there as it is read, not by another program or by Authelia's own filters first. */
function written(node: TreeNode | undefined): ScalarNode | undefined {
  if (node?.kind !== "scalar" || node.unresolved !== undefined || typeof node.value !== "string") return undefined;
  return node.value === "" || isFilledIn(node.value) ? undefined : node;
}
