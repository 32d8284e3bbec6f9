/**
 * What the commands of a first start weaken: `runcmd` and `bootcmd` of cloud-init, which become one script, and the commands
 * of Ubuntu's installer.
 *
 * Source: cloudinit.readthedocs.io, modules "Runcmd" and "Bootcmd": a text is for a shell, a list is a program with its
 * arguments.
 */
import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import { placeAt } from "../../lib/place.ts";
import type { FoundRisk } from "../shell/risks.ts";
import { risksOf, risksOfCommands } from "../shell/risks.ts";
import type { TreeNode } from "../tree.ts";
import type { StartPart, StartParts } from "./parts.ts";

export interface ToldOfCommands {
  readonly risks: readonly CommandRisk[];
  /** Why further ones may be hidden. */
  readonly doubt: string | undefined;
}

/**
 * What is filled in before a shell sees a text stands in it as it is written (`${var.x}`, `{{ x }}`), or as what stands
 * for it (see `formats/template`). As an argument it hides no command; where a command begins it may.
 */
const hidesCommand =
  /(?:^|[\n;|&(`]|\s-c\s|\b(?:eval|exec|sudo|then|do|else)\s)[ \t]{0,40}["']?[ \t]{0,40}(?:[$%]\{[^{}\n]{0,200}[.(\s…]|\{\{|\{%|\uE000)/;

/** `unresolved`: why not all of the text that holds the commands is known; absent where it is. */
export function risksOfNodes(nodes: readonly TreeNode[], unresolved: string | undefined): ToldOfCommands {
  const found = risksOfCommands(nodes.map(wordsOf));
  const risks = nodes.flatMap((node, index) => (found[index] ?? []).map((risk) => placed(risk, node)));
  const doubt = nodes.map((node) => doubtOf(node, unresolved)).find((why) => why !== undefined);
  return { risks, doubt };
}

/** The same of a script that stands in the place of a `#cloud-config`. */
export function risksOfScript(
  script: string,
  unresolved: string | undefined,
): { readonly risks: readonly FoundRisk[]; readonly doubt: string | undefined } {
  return { risks: risksOf(script), doubt: hidesCommand.test(script) ? unresolved : undefined };
}

/** The same of a part of several, told where it stands in the whole. */
export function risksOfPart({ text, source, locate }: StartPart, unresolved: string | undefined): ToldOfCommands {
  const { risks, doubt } = risksOfScript(text, unresolved);
  return {
    risks: risks.map(({ offset, ...risk }): CommandRisk => ({ ...risk, place: locate(placeAt(source, offset)) })),
    doubt,
  };
}

/** What lies at an address that is included is run as root, whatever it is by then. */
export function includedRisk({ address, place }: StartParts["included"][number]): CommandRisk {
  const [, scheme = "", host = ""] = /^(https?):\/\/(?:[^/@\s]*@)?([\w.-]{1,200})/i.exec(address) ?? [];
  return {
    kind: scheme.toLowerCase() === "http" ? "plain-download-run" : "download-run",
    what: `what ${host === "" ? "another server" : host} has for it (#include) is run as it comes`,
    place,
  };
}

function placed({ offset: _, ...risk }: FoundRisk, { place }: TreeNode): CommandRisk {
  return { ...risk, place };
}

function wordsOf(node: TreeNode): string | readonly string[] {
  if (node.kind === "scalar") return typeof node.value === "string" ? node.value : "";
  if (node.kind !== "sequence") return "";
  return node.items.map((item) => (item.kind === "scalar" ? String(item.value ?? "") : ""));
}

function doubtOf(node: TreeNode, unresolved: string | undefined): string | undefined {
  if (node.kind === "scalar") {
    if (typeof node.value !== "string") return node.unresolved;
    return hidesCommand.test(node.value) ? (node.unresolved ?? unresolved) : undefined;
  }
  if (node.kind !== "sequence") return undefined;
  const words = node.items.map((item) => (item.kind === "scalar" ? String(item.value ?? "") : ""));
  const hidden = node.items
    .map((item) => doubtOf(item, unresolved))
    .find((doubt, index) => doubt !== undefined && mayBeCommand(words, index));
  return node.incomplete ?? hidden;
}

/** The program itself, and what stands behind `-c`. */
function mayBeCommand(words: readonly string[], index: number): boolean {
  return index === 0 || /^-[a-z]*c$/.test(words[index - 1] ?? "");
}
