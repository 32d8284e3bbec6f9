/**
 * `extends`: a service laid over another one, of the same or another file.
 *
 * Source: compose-go v2.9.1, `loader/extends.go`.
 */
import { posix } from "node:path";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { didYouMean } from "../../../lib/suggest.ts";
import { canonical, omitEmpty } from "./canonical.ts";
import { interpolate } from "./interpolate.ts";
import { mergeModels, mergeService } from "./merge.ts";
import { isNull, mapValues, textOf, valueAt, withEntries, without } from "./nodes.ts";
import { joinPath, resolvePaths } from "./paths.ts";
import { readComposeFile } from "./read-file.ts";
import { applyResets } from "./resets.ts";
import { limits, type Session } from "./session.ts";
import { shownText } from "./shown-text.ts";
import type { Lookup } from "./template.ts";
import { enforceUnicity } from "./unique.ts";

export interface ExtendsContext {
  readonly session: Session;
  readonly lookup: Lookup;
  /** The folder of the project, relative to the root. */
  readonly folder: string;
  /** The file that is read, relative to the root. */
  readonly path: string;
}

/** The services of one file, by name, with what a file's tags take away. */
interface Scope {
  readonly path: string;
  readonly services: MappingNode;
  readonly resets: readonly (readonly string[])[];
}

/** A file's model with every `extends` followed. */
export function applyExtends(
  root: MappingNode,
  resets: readonly (readonly string[])[],
  context: ExtendsContext,
): MappingNode {
  const services = root.entries.get("services");
  if (services?.value.kind !== "mapping") return root;
  const scope: Scope = { path: context.path, services: services.value, resets };
  const follower = new Follower(context);
  const followed = mapValues(services.value, (service, name) =>
    valueAt(service, "extends") === undefined ? service : follower.follow(name, service, scope, []),
  );
  return followed === services.value ? root : withEntries(root, { ...services, value: followed });
}

class Follower {
  readonly #context: ExtendsContext;
  readonly #done = new Map<string, TreeNode>();
  readonly #scopes = new Map<string, Scope | undefined>();

  constructor(context: ExtendsContext) {
    this.#context = context;
  }

  /** A service with its `extends` followed; `trail` names the services on the way here. */
  follow(name: string, service: TreeNode, scope: Scope, trail: readonly string[]): TreeNode {
    const extension = service.kind === "mapping" ? service.entries.get("extends") : undefined;
    if (extension === undefined || service.kind !== "mapping") return service;
    const id = `${scope.path}\0${name}`;
    const known = this.#done.get(id);
    if (known !== undefined) return known;
    const { session } = this.#context;
    const alone = withReason(without(service, "extends"));
    if (trail.includes(id) || trail.length >= limits.extendsDepth) {
      const names = [...trail, id].map((each) => each.split("\0")[1]).join(" extends ");
      session.error(
        trail.includes(id)
          ? `These services extend one another in a circle: ${names}.`
          : "Too many services extend one another in a row.",
        extension.keyPlace,
      );
      return alone("what it extends leads in a circle");
    }
    const base = this.#base(name, extension.value, scope, [...trail, id]);
    if (typeof base === "string") return alone(base);
    const result = this.#laidOver(base, service, name, scope.resets);
    this.#done.set(id, result);
    return result;
  }

  #laidOver(base: TreeNode, service: MappingNode, name: string, resets: Scope["resets"]): TreeNode {
    const own = without(service, "extends");
    if (base.kind !== "mapping") return own;
    const kept = resets
      .filter(([kind, owner]) => kind === "services" && owner === name)
      .reduce<TreeNode>((tree, path) => applyResets(tree, [path.slice(2)]), base);
    return mergeService(kept, own, this.#context.session);
  }

  /** What a service extends, itself followed; a clause when it cannot be had. */
  #base(name: string, extension: TreeNode, scope: Scope, trail: readonly string[]): TreeNode | string {
    const { session } = this.#context;
    const target = extension.kind === "mapping" ? extension.entries.get("service")?.value : extension;
    const reference = textOf(target);
    if (reference === undefined || target === undefined) {
      session.error(`The \`extends\` of service "${name}" names no service.`, extension.place);
      return "what it extends is not named";
    }
    if (target.kind === "scalar" && target.unresolved !== undefined) return target.unresolved;
    const file = extension.kind === "mapping" ? extension.entries.get("file")?.value : undefined;
    const from = file === undefined || isNull(file) ? scope : this.#scopeOf(file);
    if (from === undefined) return "the file that it extends could not be read";
    if (typeof from === "string") return from;
    const found = from.services.entries.get(reference);
    if (found === undefined) {
      session.error(
        `Service "${name}" extends ${shownText(reference)}, which ${from.path} does not have.${didYouMean(reference, from.services.entries.keys())}`,
        target.place,
      );
      return `the service ${shownText(reference)} that it extends is not there`;
    }
    return this.follow(reference, found.value, from, trail);
  }

  #scopeOf(file: TreeNode): Scope | string | undefined {
    const text = textOf(file);
    if (text === undefined || file.kind !== "scalar") {
      this.#context.session.error("The `file` of an `extends` is a path, and this is none.", file.place);
      return undefined;
    }
    if (file.unresolved !== undefined) return file.unresolved;
    const { session } = this.#context;
    if (isRemote(text)) {
      session.warn("This `extends` names a file on another machine, which is not fetched.", file.place);
      return "the file that it extends lies on another machine";
    }
    const path = joinPath(this.#context.folder, text, session.home);
    if (!this.#scopes.has(path))
      this.#scopes.set(path, this.#readScope(path, posix.dirname(joinPath(".", text, session.home)), file.place));
    return this.#scopes.get(path);
  }

  /** A file's services as `extends` sees them: interpolated, in long form, paths seen from the project's folder. */
  #readScope(path: string, relativeFolder: string, from: Place): Scope | undefined {
    const { session, lookup } = this.#context;
    const file = readComposeFile(path, session, from);
    if (file === undefined) return undefined;
    let model: TreeNode | undefined;
    for (const document of file.documents) {
      const tree = interpolate(document.root, lookup, session);
      const merged: TreeNode =
        model === undefined ? tree : mergeModels(applyResets(model, document.resets), tree, session);
      model = enforceUnicity(omitEmpty(canonical(enforceUnicity(merged), session)));
    }
    const services = valueAt(
      model === undefined ? undefined : resolvePaths(model, { folder: relativeFolder, home: session.home }),
      "services",
    );
    if (services?.kind !== "mapping") {
      session.error(`${file.path} has no services to extend.`, from);
      return undefined;
    }
    return { path: file.path, services, resets: file.documents.at(-1)?.resets ?? [] };
  }
}

function withReason(service: MappingNode): (why: string) => MappingNode {
  return (why) => ({ ...service, incomplete: service.incomplete ?? why });
}

/** Whether a reference names something that Compose would fetch. */
export function isRemote(reference: string): boolean {
  return (
    /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/|oci:\/\/)/.test(reference) || /\.git(?:#|$)/.test(reference)
  );
}
