import type { MappingNode } from "../../tree.ts";
import type { HclBlock } from "../ast.ts";
import type { Evaluator } from "../evaluate/evaluator.ts";
import { mapTree } from "../value/to-tree.ts";
import type { HclValue } from "../value/value.ts";
import { bodyValues } from "./body-values.ts";
import type { RequiredProvider, TofuBackend, TofuProvider } from "./configuration.ts";
import type { ModuleInstance } from "./module-instance.ts";

/** What a module says of providers and state. */
export interface ModuleSettings {
  readonly requiredProviders: readonly RequiredProvider[];
  readonly providers: readonly TofuProvider[];
  readonly backend: TofuBackend | undefined;
  readonly encryption: MappingNode | undefined;
}

export function settingsOf(module: ModuleInstance): ModuleSettings {
  const evaluator = module.evaluator();
  const blocks = module.source.settings.flatMap((block) => block.body.blocks);
  const backend = blocks.find((block) => block.type === "backend" || block.type === "cloud");
  const encryption = blocks.find((block) => block.type === "encryption");
  return {
    requiredProviders: blocks.flatMap((block) =>
      block.type === "required_providers" ? requiredProviders(block, evaluator) : [],
    ),
    providers: module.source.providers.map((block) => ({
      name: block.labels[0]?.text ?? "",
      attributes: tree(block, evaluator),
      place: block.place,
    })),
    backend:
      backend === undefined
        ? undefined
        : {
            type: backend.type === "cloud" ? "cloud" : (backend.labels[0]?.text ?? ""),
            attributes: tree(backend, evaluator),
            place: backend.place,
          },
    encryption: encryption === undefined ? undefined : tree(encryption, evaluator),
  };
}

function tree(block: HclBlock, evaluator: Evaluator): MappingNode {
  return mapTree(bodyValues(block.body, evaluator), evaluator.budget);
}

/** `name = { source = "…", version = "…" }`, or the version alone as in old files. */
function requiredProviders(block: HclBlock, evaluator: Evaluator): readonly RequiredProvider[] {
  return [...block.body.attributes.values()].map(({ name, namePlace, value }) => {
    const written = evaluator.evaluate(value);
    const part = (key: string) => (written.kind === "map" ? textIn(written.entries.get(key)?.value) : undefined);
    return {
      name,
      source: part("source"),
      version: written.kind === "text" ? written.value : part("version"),
      place: namePlace,
    };
  });
}

function textIn(value: HclValue | undefined): string | undefined {
  return value?.kind === "text" ? value.value : undefined;
}
