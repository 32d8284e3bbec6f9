/**
 * What an instance runs when it starts for the first time: `runcmd` and `bootcmd` of cloud-init, scripts in their place, and
 * `exec` of the resource.
 *
 * Sources: cloudinit.readthedocs.io, "User data formats", modules "Runcmd" and "Bootcmd"; the provider's `incus_instance`.
 */
import type { CommandRisk } from "../../../facts/configuration/command-risk.ts";
import { complete, type FactList, incomplete } from "../../../facts/fact.ts";
import { risksOf, risksOfArguments } from "../../../formats/shell/risks.ts";
import { child, type ScalarNode, type TreeNode } from "../../../formats/tree.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { Source } from "../../../lib/place.ts";
import type { InstanceContext } from "./context.ts";
import { isCloudConfig } from "./first-passwords.ts";

const startKeys = /^(?:cloud-init\.|user\.)(?:user|vendor)-data$/;
const isShellScript = /^#![ \t]*\/\S{0,80}?(?:\/env[ \t]+)?(?:ba|da|z|a)?sh\b/;
/** Formats of several parts, or of what is fetched elsewhere. */
const isNotRead = /^(?:Content-Type: multipart|MIME-Version:|#include|#cloud-config-archive|#part-handler)/i;
const wanted: ReadonlySet<CommandRisk["kind"]> = new Set([
  "download-run",
  "plain-download-run",
  "certificates-unverified",
  "signatures-unverified",
] as const);

type Found = Pick<CommandRisk, "kind" | "what">;

export function readStartCommands({ config, object, place }: InstanceContext): FactList<CommandRisk> {
  const items: CommandRisk[] = [];
  let why = config.hidden;
  for (const { key, value } of config.entries) {
    if (!startKeys.test(key) || value.kind !== "scalar") continue;
    const { risks, doubt } = ofText(value);
    items.push(...risks.map(({ kind, what }) => ({ kind, what, place: value.place })));
    why ??= doubt;
  }
  for (const node of commandsIn(object.resource.attributes.entries.get("exec")?.value)) {
    const { risks, doubt } = ofCommand(node, undefined);
    items.push(...risks.map(({ kind, what }) => ({ kind, what, place: node.place })));
    why ??= doubt;
  }
  const told = items.filter(({ kind }) => wanted.has(kind));
  return why === undefined ? complete(told, place) : incomplete(told, why, place);
}

interface Told {
  readonly risks: readonly Found[];
  readonly doubt: string | undefined;
}

/**
 * What is not known of a text stands in it as it is written (`${var.x}`). As an argument it hides no command; where a command
 * begins, or an entry of the file, it may.
 */
const hidesCommand =
  /(?:^|[\n;|&(`]|\s-c\s|\b(?:eval|exec|sudo|then|do|else)\s)[ \t]{0,40}["']?[ \t]{0,40}[$%]\{[^{}\n]{0,200}[.(\s]/;
const hidesEntry = /^[ \t]*[$%]\{/m;

function ofText({ value, unresolved }: ScalarNode): Told {
  if (typeof value !== "string") return { risks: [], doubt: unresolved };
  if (isShellScript.test(value)) return ofScript(value, unresolved);
  if (isNotRead.test(value)) return { risks: [], doubt: unresolved ?? "user data of several parts is not read" };
  const entry = hidesEntry.test(value) ? unresolved : undefined;
  if (!isCloudConfig.test(value) || !/\b(?:runcmd|bootcmd)\b/.test(value)) return { risks: [], doubt: entry };
  const { documents, problems } = parseYaml(new Source("user-data", value), value);
  const broken = problems.some(({ severity }) => severity === "error") ? "the user data is no YAML" : undefined;
  const told = ["bootcmd", "runcmd"].flatMap((key) => {
    const commands = child(documents[0], key);
    return commands?.kind === "sequence" ? commands.items.map((item) => ofCommand(item, unresolved)) : [];
  });
  const hidden = told.find(({ doubt }) => doubt !== undefined)?.doubt;
  return { risks: told.flatMap(({ risks }) => risks), doubt: entry ?? broken ?? hidden };
}

function ofScript(script: string, unresolved: string | undefined): Told {
  return { risks: risksOf(script), doubt: hidesCommand.test(script) ? unresolved : undefined };
}

/** A text is for a shell, a list is a program with its arguments. */
function ofCommand(node: TreeNode, unresolved: string | undefined): Told {
  if (node.kind === "scalar") {
    const why = node.unresolved ?? unresolved;
    return typeof node.value === "string" ? ofScript(node.value, why) : { risks: [], doubt: node.unresolved };
  }
  if (node.kind !== "sequence") return { risks: [], doubt: undefined };
  const words = node.items.map((item) => (item.kind === "scalar" ? String(item.value ?? "") : ""));
  const hidden = node.items
    .map((item) => ofCommand(item, unresolved).doubt)
    .find((doubt, index) => doubt !== undefined && mayBeCommand(words, index));
  return { risks: risksOfArguments(words, 0), doubt: node.incomplete ?? hidden };
}

/** The program itself, and what stands behind `-c`. */
function mayBeCommand(words: readonly string[], index: number): boolean {
  return index === 0 || /^-[a-z]*c$/.test(words[index - 1] ?? "");
}

/** `command` of each entry, in a mapping by names or in a list. */
function commandsIn(node: TreeNode | undefined): readonly TreeNode[] {
  if (node?.kind === "sequence") return node.items.flatMap(commandsIn);
  if (node?.kind !== "mapping") return node?.kind === "scalar" && node.unresolved !== undefined ? [node] : [];
  const command = child(node, "command");
  return command === undefined ? [...node.entries.values()].flatMap(({ value }) => commandsInside(value)) : [command];
}

/** Other values of an entry are no entries. */
function commandsInside(node: TreeNode): readonly TreeNode[] {
  return node.kind === "mapping" ? commandsIn(node) : [];
}
