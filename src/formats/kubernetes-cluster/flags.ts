/** Flags of Kubernetes' components, in each of the forms that files have for them. */
import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import { complete, type Fact, type FactList, incomplete, knownValue, stated, unknown } from "../../facts/fact.ts";
import { asText, type Fields, listOf } from "../fields.ts";
import { argumentsOf } from "../talos/arguments.ts";
import type { TreeNode } from "../tree.ts";

const sealed = "SOPS keeps it encrypted";

export type Flags = FactList<ComponentArgument>;

/**
 * `extraArgs`: a mapping up to kubeadm's v1beta3, from v1beta4 on a list of names with values, in which a name may stand
 * several times. Source: kubeadm's `apis/kubeadm/v1beta4/doc.go`, "A list of differences between v1beta3 and v1beta4".
 */
export function extraArguments(fields: Fields, key = "extraArgs"): Flags {
  const node = fields.node(key);
  if (node?.kind !== "sequence") {
    const flags = argumentsOf(fields, key);
    return asFarAsRead({ ...flags, items: flags.items.map(opened) }, fields);
  }
  const flags = listOf<ComponentArgument>(node, (item) => {
    const name = item.kind === "mapping" ? textIn(item, "name") : undefined;
    if (name === undefined || item.kind !== "mapping")
      return { why: `an entry of \`${key}\` has no name that can be told` };
    const value = meaningOf(item.entries.get("value")?.value, item);
    return { value: opened({ name: bare(name), value, place: value.place ?? item.place }) };
  });
  return asFarAsRead(flags, fields);
}

/**
 * `kube-apiserver-arg` and its like of k3s and RKE2: one text or a list of texts, `name=value`; without a value it is
 * `true`. A sign behind the name puts the value before or behind what k3s itself gives (`pkg/util/args.go`, GetArgs): the
 * name keeps it.
 */
export function argumentTexts(fields: Fields, key: string): Flags {
  return asFarAsRead(fields.list<ComponentArgument>(key, argumentText), fields);
}

/** Of a text that could not be read to its end, flags may be missing from every list. */
function asFarAsRead(flags: Flags, { hidden }: Fields): Flags {
  return hidden === undefined || !flags.complete ? flags : incomplete(flags.items, hidden, flags.place);
}

function argumentText(item: TreeNode) {
  if (item.kind !== "scalar") return { why: "an argument is not a text" };
  if (item.unresolved !== undefined) {
    const name = /^(?:--)?([\w.-]+)=/.exec(typeof item.value === "string" ? item.value : "")?.[1];
    if (name === undefined) return { why: item.unresolved };
    return { value: { name, value: unknown<string>(item.unresolved, item.place), place: item.place } };
  }
  const text = asText(item);
  if (text === undefined || text === "") return "nothing" as const;
  if (text.startsWith("ENC[")) return { why: sealed };
  return { value: flagOf(text, item) };
}

/** `--name=value` or `name=value` as a flag. */
export function flagOf(text: string, { place }: Pick<TreeNode, "place">): ComponentArgument {
  const equals = text.indexOf("=");
  const name = bare(equals === -1 ? text : text.slice(0, equals));
  return opened({ name, value: stated(equals === -1 ? "true" : text.slice(equals + 1), place), place });
}

/** A flag whose value is a variable of a shell, of OpenTofu or of a pod, or that SOPS encrypted, is not known. */
export function opened(flag: ComponentArgument): ComponentArgument {
  const value = settled(flag.value);
  return value === flag.value ? flag : { ...flag, value };
}

/** A text, unknown where it is a variable or SOPS encrypted it. */
export function settled(text: Fact<string>): Fact<string> {
  if (text.kind !== "stated") return text;
  if (text.value.startsWith("ENC[")) return unknown(sealed, text.place);
  return /\$(?:\{|\(\w|[A-Z])|<%/.test(text.value) ? unknown("a variable fills it in", text.place) : text;
}

/** A flag's text without the dashes before it. */
export function bare(name: string): string {
  return name.replace(/^--?/, "").trim();
}

function textIn(node: TreeNode, key: string): string | undefined {
  const found = node.kind === "mapping" ? node.entries.get(key)?.value : undefined;
  return found?.kind === "scalar" && found.unresolved === undefined ? asText(found) : undefined;
}

function meaningOf(node: TreeNode | undefined, { place }: Pick<TreeNode, "place">): Fact<string> {
  if (node === undefined) return stated("", place);
  if (node.kind !== "scalar") return unknown("its value is not a text", node.place);
  if (node.unresolved !== undefined) return unknown(node.unresolved, node.place);
  return stated(asText(node) ?? "", node.place);
}

/** The last flag of a name, which counts where a flag has one value. */
export function lastOf(flags: Flags, name: string): ComponentArgument | undefined {
  return flags.items.findLast((flag) => flag.name === name);
}

/** What a flag is told, where all of it is known. */
export function valueNamed(flags: Flags, name: string): string | undefined {
  const flag = lastOf(flags, name);
  return flag === undefined ? undefined : knownValue(flag.value);
}

/** Flags with what a component does without some of them; what is not stated may still be in a list that is not whole. */
export function withDefaults(flags: Flags, defaults: readonly ComponentArgument[]): Flags {
  if (!flags.complete) return flags;
  const missing = defaults.filter(({ name }) => lastOf(flags, name) === undefined);
  return missing.length === 0 ? flags : complete([...flags.items, ...missing], flags.place);
}

/** No flags at all, whole or not. */
export function noFlags({ hidden, place }: Pick<Fields, "hidden" | "place">): Flags {
  return hidden === undefined ? complete([], place) : incomplete([], hidden, place);
}
