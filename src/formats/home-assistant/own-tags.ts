import type { ScalarParser } from "../fields.ts";
import type { MappingEntry, TreeNode } from "../tree.ts";

/** A tree in which what Home Assistant takes from elsewhere (`!include`, `!secret`, `!env_var`) cannot be resolved. */
export function withOtherFiles(node: TreeNode): TreeNode {
  switch (node.kind) {
    case "scalar": {
      const { tag } = node;
      return tag === undefined || tag.startsWith("!!")
        ? node
        : { ...node, unresolved: node.unresolved ?? `\`${tag}\` takes it from elsewhere` };
    }
    case "sequence":
      return { ...node, items: node.items.map(withOtherFiles) };
    case "mapping": {
      const entries = new Map<string, MappingEntry>();
      for (const [key, entry] of node.entries) entries.set(key, { ...entry, value: withOtherFiles(entry.value) });
      return { ...node, entries };
    }
  }
}

/** A switch as `cv.boolean` takes it. Source: home-assistant/core, `homeassistant/helpers/config_validation.py`. */
export const asSwitch: ScalarParser<boolean> = ({ value }) => {
  if (typeof value === "boolean") return value;
  const text = String(value ?? "").toLowerCase();
  if (/^(?:1|true|yes|on|enable)$/.test(text)) return true;
  return /^(?:0|false|no|off|disable)$/.test(text) ? false : undefined;
};
