/**
 * The merged model of a list of Compose files, before names and types are settled.
 *
 * Source: compose-go v2.9.1, `loader/loader.go` (`loadYamlModel`).
 */
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { canonical, omitEmpty } from "./canonical.ts";
import { setDefaults } from "./defaults.ts";
import { type Environment, lookupIn } from "./environment.ts";
import { applyExtends } from "./extends.ts";
import { applyInclude } from "./include.ts";
import { interpolate } from "./interpolate.ts";
import { mergeModels } from "./merge.ts";
import { derived, mapValues, valueAt, withEntries, without } from "./nodes.ts";
import { resolvePaths } from "./paths.ts";
import { type ComposeDocument, readComposeFile } from "./read-file.ts";
import { applyResets } from "./resets.ts";
import { validate } from "./schema.ts";
import type { Session } from "./session.ts";
import { enforceUnicity } from "./unique.ts";

/** What a list of files is read with. */
export interface ModelContext {
  readonly session: Session;
  readonly environment: Environment;
  /** The folder of these files' project, relative to the root. */
  readonly folder: string;
  /** The same folder as seen from the project that includes it; `.` for the main one. */
  readonly relativeFolder: string;
  readonly files: readonly { readonly path: string; readonly from: Place | undefined }[];
  /** The files whose `include` led here. */
  readonly trail: readonly string[];
}

/** Reads the files in order, each laid over those before; undefined when none of them could be used. */
export function loadModel(context: ModelContext): MappingNode | undefined {
  let model: MappingNode | undefined;
  for (const { path, from } of context.files) {
    const file = readComposeFile(path, context.session, from);
    if (file === undefined) continue;
    for (const document of file.documents) model = withDocument(model, document, file.path, context);
  }
  if (model === undefined) return undefined;
  const complete = resolvePaths(setDefaults(model), { folder: context.relativeFolder, home: context.session.home });
  return complete.kind === "mapping" ? resolveBareNames(complete, context) : undefined;
}

function withDocument(
  base: MappingNode | undefined,
  document: ComposeDocument,
  path: string,
  context: ModelContext,
): MappingNode {
  const { session } = context;
  const lookup = lookupIn(context.environment);
  const tree = asMapping(interpolate(document.root, lookup, session), document.root);
  const extended = applyExtends(tree, document.resets, { session, lookup, folder: context.folder, path });
  const kept = base === undefined ? undefined : applyResets(base, document.resets);
  // The first file of what is included stands on the trail already.
  const trail = context.trail.at(-1) === path ? context.trail : [...context.trail, path];
  const own = applyInclude(extended, { ...context, trail }, loadModel);
  const merged = kept === undefined ? own : mergeModels(kept, own, session);
  const valid = without(asMapping(validate(enforceUnicity(merged), session), own), "version");
  return asMapping(enforceUnicity(omitEmpty(canonical(valid, session))), valid);
}

function asMapping(node: TreeNode, fallback: MappingNode): MappingNode {
  return node.kind === "mapping" ? node : fallback;
}

/** Variables named alone in a list take their value from this project's own environment. */
function resolveBareNames(root: MappingNode, context: ModelContext): MappingNode {
  const services = root.entries.get("services");
  if (services?.value.kind !== "mapping") return root;
  const resolved = mapValues(services.value, (service) => {
    const environment = service.kind === "mapping" ? service.entries.get("environment") : undefined;
    if (environment?.value.kind !== "mapping" || service.kind !== "mapping") return service;
    const value = mapValues(environment.value, (node, name) => {
      const found = context.session.isBare(node) ? context.environment.get(name) : undefined;
      return found === undefined || node.kind !== "scalar" ? node : { ...derived(found, node), interpolates: [name] };
    });
    return value === environment.value ? service : withEntries(service, { ...environment, value });
  });
  return resolved === services.value ? root : withEntries(root, { ...services, value: resolved });
}

/** The services of a model, empty when it has none. */
export function servicesOf(root: TreeNode): MappingNode | undefined {
  const services = valueAt(root, "services");
  return services?.kind === "mapping" ? services : undefined;
}
