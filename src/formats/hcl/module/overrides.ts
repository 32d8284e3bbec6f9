import type { HclAttribute, HclBlock } from "../ast.ts";

/**
 * Blocks with those of override files merged in: arguments one by one, nested blocks by their type as a whole
 * (opentofu.org/docs/language/files/override).
 */
export function withOverrides(blocks: readonly HclBlock[], overrides: readonly HclBlock[]): readonly HclBlock[] {
  if (overrides.length === 0) return blocks;
  const result = [...blocks];
  for (const override of overrides) {
    if (override.type === "locals") {
      result.unshift(override);
      continue;
    }
    const at = result.findIndex((block) => keyOf(block) === keyOf(override));
    const block = result[at];
    if (block === undefined) result.push(override);
    else result[at] = merged(block, override);
  }
  return result;
}

function keyOf({ type, labels }: HclBlock): string {
  return [type, ...labels.map((label) => label.text)].join("\0");
}

function merged(block: HclBlock, override: HclBlock): HclBlock {
  const attributes = new Map<string, HclAttribute>([...block.body.attributes, ...override.body.attributes]);
  const replaced = new Set(override.body.blocks.map((inner) => inner.type));
  const kept = block.body.blocks.filter((inner) => !replaced.has(inner.type));
  return { ...block, body: { ...block.body, attributes, blocks: [...kept, ...override.body.blocks] } };
}
