/**
 * What an instance runs when it starts for the first time: `runcmd` and `bootcmd` of cloud-init, scripts in their place, and
 * `exec` of the resource; and the sources that it takes packages from.
 *
 * Sources: cloudinit.readthedocs.io, "User data formats", modules "Runcmd" and "Bootcmd"; `exec` of `incus_instance` and
 * `execs` of `lxd_instance` in the providers' documentation.
 */
import type { CommandRisk } from "../../../facts/configuration/command-risk.ts";
import { complete, type FactList, incomplete } from "../../../facts/fact.ts";
import { includedRisk, risksOfNodes, risksOfPart } from "../../../formats/cloud-init/commands.ts";
import { commandsOf } from "../../../formats/cloud-init/document.ts";
import { packageRisks } from "../../../formats/cloud-init/packages.ts";
import { startParts } from "../../../formats/cloud-init/parts.ts";
import { readStart } from "../../../formats/cloud-init/read-start.ts";
import { child, type ScalarNode, type TreeNode } from "../../../formats/tree.ts";
import { Source } from "../../../lib/place.ts";
import type { InstanceContext } from "./context.ts";

const startKeys = /^(?:cloud-init\.|user\.)(?:user|vendor)-data$/;
const wanted: ReadonlySet<CommandRisk["kind"]> = new Set([
  "download-run",
  "plain-download-run",
  "key-unverified",
  "plain-key-unverified",
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
  for (const name of ["exec", "execs"]) {
    const { risks, doubt } = risksOfNodes(commandsIn(object.resource.attributes.entries.get(name)?.value), undefined);
    items.push(...risks.map(({ kind, what, place: at }) => ({ kind, what, place: at })));
    why ??= doubt;
  }
  const told = items.filter(({ kind }) => wanted.has(kind));
  return why === undefined ? complete(told, place) : incomplete(told, why, place);
}

interface Told {
  readonly risks: readonly Found[];
  readonly doubt: string | undefined;
}

/** What is not known of a text stands in it as it is written (`${var.x}`): where an entry of the file begins, it may hide one. */
const hidesEntry = /^[ \t]*[$%]\{/m;

function ofText({ value, unresolved }: ScalarNode): Told {
  if (typeof value !== "string") return { risks: [], doubt: unresolved };
  const source = new Source("user-data", value);
  const told = startParts(source, value);
  const scripts = told.parts.filter(({ kind }) => kind === "script").map((part) => risksOfPart(part, unresolved));
  const configs = told.parts.filter(({ kind, text }) => kind === "config" && mayTake.test(text));
  const hidden = told.parts.some(({ kind, text }) => kind === "config" && hidesEntry.test(text));
  const { start, problems } = readStart({ ...told, parts: configs });
  const commands = risksOfNodes(commandsOf(start), unresolved);
  const isBroken = configs.length > 0 && problems.some(({ severity }) => severity === "error");
  return {
    risks: [
      ...scripts.flatMap(({ risks }) => risks),
      ...told.included.map(includedRisk),
      ...commands.risks,
      ...packageRisks(start),
    ],
    doubt:
      (hidden ? unresolved : undefined) ??
      (isBroken ? "the user data is no YAML" : undefined) ??
      commands.doubt ??
      scripts.find(({ doubt }) => doubt !== undefined)?.doubt ??
      told.doubt,
  };
}

/** What takes something from elsewhere; other texts need not be parsed. */
const mayTake = /\b(?:runcmd|bootcmd|apt|apt_sources|yum_repos|zypper)\b/;

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
