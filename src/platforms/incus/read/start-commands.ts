/**
 * What an instance runs when it starts for the first time: `runcmd` and `bootcmd` of cloud-init, scripts in their place, and
 * `exec` of the resource; and the sources that it takes packages from.
 *
 * Sources: cloudinit.readthedocs.io, "User data formats", modules "Runcmd" and "Bootcmd"; the provider's `incus_instance`.
 */
import type { CommandRisk } from "../../../facts/configuration/command-risk.ts";
import { complete, type FactList, incomplete } from "../../../facts/fact.ts";
import { risksOfNodes, risksOfScript } from "../../../formats/cloud-init/commands.ts";
import {
  commandsOf,
  firstStartOf,
  isCloudConfig,
  isOfParts,
  isShellScript,
} from "../../../formats/cloud-init/document.ts";
import { packageRisks } from "../../../formats/cloud-init/packages.ts";
import { child, type ScalarNode, type TreeNode } from "../../../formats/tree.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
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
  const { risks, doubt } = risksOfNodes(commandsIn(object.resource.attributes.entries.get("exec")?.value), undefined);
  items.push(...risks.map(({ kind, what, place: at }) => ({ kind, what, place: at })));
  why ??= doubt;
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
  if (isShellScript.test(value)) return risksOfScript(value, unresolved);
  if (isOfParts.test(value)) return { risks: [], doubt: unresolved ?? "user data of several parts is not read" };
  const entry = hidesEntry.test(value) ? unresolved : undefined;
  if (!isCloudConfig.test(value) || !/\b(?:runcmd|bootcmd|apt|apt_sources|yum_repos|zypper)\b/.test(value))
    return { risks: [], doubt: entry };
  const { documents, problems } = parseYaml(new Source("user-data", value), value);
  const broken = problems.some(({ severity }) => severity === "error") ? "the user data is no YAML" : undefined;
  const start = firstStartOf(documents[0]);
  const told = risksOfNodes(commandsOf(start), unresolved);
  return { risks: [...told.risks, ...packageRisks(start)], doubt: entry ?? broken ?? told.doubt };
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
