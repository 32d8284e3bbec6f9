import type { ClusterConfiguration } from "../../facts/configuration/cluster.ts";
import { placeAt } from "../../lib/place.ts";
import { clusterOfStart } from "../k3s-start/index.ts";
import { K3sStarts } from "../k3s-start/starts.ts";
import type { TreeNode } from "../tree.ts";
import { commandsOf } from "./document.ts";
import type { ReadStart } from "./read-start.ts";

/** The clusters that a first start sets up, or joins: its commands are one script, and so are its scripts. */
export function clustersOf({ start, scripts }: ReadStart): readonly ClusterConfiguration[] {
  const starts = new K3sStarts();
  for (const command of commandsOf(start)) starts.script(scriptOf(command), () => command.place);
  const found = [...starts.found];
  for (const { text, source, locate } of scripts) {
    const own = new K3sStarts();
    own.script(text, (offset) => locate(placeAt(source, offset)));
    found.push(...own.found);
  }
  return found.map(clusterOfStart);
}

/** A text for a shell; of a list the script behind `-c`, or its words. */
function scriptOf(node: TreeNode): string {
  if (node.kind === "scalar") return typeof node.value === "string" ? node.value : "";
  if (node.kind !== "sequence") return "";
  const words = node.items.map((item) => (item.kind === "scalar" ? String(item.value ?? "") : ""));
  const flag = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  return flag === -1 ? words.map(quoted).join(" ") : (words[flag + 1] ?? "");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
