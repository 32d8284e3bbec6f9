/**
 * What Compose refuses of a model that its schema lets pass: names that lead nowhere, circles, contradictions.
 *
 * Source: compose-go v2.9.1, `loader/validate.go`, `validation/`, `graph/`.
 */
import type { MappingEntry, MappingNode, TreeNode } from "../../../formats/tree.ts";
import { didYouMean } from "../../../lib/suggest.ts";
import { textOf, valueAt } from "./nodes.ts";
import { checkService } from "./service-checks.ts";
import type { Session } from "./session.ts";
import { shownText } from "./shown-text.ts";

/** Reports every inconsistency of a complete model. */
export function checkConsistency(root: MappingNode, session: Session): void {
  const services = entriesOf(valueAt(root, "services"));
  for (const each of services.values()) {
    if (each.value.kind !== "mapping") continue;
    checkService(each.key, each.value, each.keyPlace, session);
    // What is missing may be in a file that could not be read.
    if (root.incomplete === undefined) checkReferences(each.key, each.value, root, session);
  }
  checkContainerNames(services, session);
  checkCircles(services, session);
  for (const kind of ["secrets", "configs"] as const) {
    for (const each of entriesOf(valueAt(root, kind)).values()) checkContent(kind, each, session);
  }
  for (const each of entriesOf(valueAt(root, "volumes")).values()) checkExternal(each, session);
}

function checkReferences(name: string, service: MappingNode, root: MappingNode, session: Session): void {
  for (const each of entriesOf(valueAt(service, "networks")).values()) {
    if (each.implied !== true) mustExist(name, "network", each.key, each.value, each.keyPlace, root, session);
  }
  for (const item of itemsOf(service, "volumes")) {
    const source = valueAt(item, "source");
    const text = textOf(source);
    if (textOf(valueAt(item, "type")) !== "volume" || text === undefined || text === "" || source === undefined)
      continue;
    mustExist(name, "volume", text, source, source.place, root, session);
  }
  for (const kind of ["secret", "config"] as const) {
    for (const item of [
      ...itemsOf(service, `${kind}s`),
      ...(kind === "secret" ? itemsOf(valueAt(service, "build"), "secrets") : []),
    ]) {
      const source = valueAt(item, "source");
      const text = textOf(source);
      if (text !== undefined && source !== undefined) mustExist(name, kind, text, source, source.place, root, session);
    }
  }
  for (const each of entriesOf(valueAt(service, "depends_on")).values()) {
    mustExist(name, "service", each.key, each.value, each.keyPlace, root, session);
  }
}

function mustExist(
  owner: string,
  kind: "network" | "volume" | "secret" | "config" | "service",
  name: string,
  node: TreeNode,
  place: MappingEntry["keyPlace"],
  root: MappingNode,
  session: Session,
): void {
  // A name that is empty came of a variable or template, which was told of.
  if (name === "" || (node.kind === "scalar" && node.unresolved !== undefined)) return;
  const declared = valueAt(root, `${kind}s`);
  if (declared?.kind === "mapping" && (declared.entries.has(name) || declared.incomplete !== undefined)) return;
  const known = declared?.kind === "mapping" ? declared.entries.keys() : [];
  session.error(
    `The service "${owner}" uses the ${kind} ${shownText(name)}, which is not declared.${didYouMean(name, known)}`,
    place,
    kind === "service" ? undefined : declaring(kind, node),
  );
}

function declaring(kind: string, node: TreeNode): string {
  const isFilledIn = kind === "volume" && node.kind === "scalar" && (node.interpolates ?? []).length > 0;
  const path = isFilledIn ? " A folder of the host is meant where the variable begins with `/`, `./` or `~`." : "";
  return `Declare it under \`${kind}s:\` at the top of the file.${path}`;
}

/** Compose looks at those that it starts together: services of different profiles may take turns at one name. */
function checkContainerNames(services: ReadonlyMap<string, MappingEntry>, session: Session): void {
  /** By name and profile, for one that always starts by the name alone. */
  const owners = new Map<string, string>();
  for (const { key, value } of services.values()) {
    const node = valueAt(value, "container_name");
    const name = textOf(node);
    if (name === undefined || name === "" || node?.kind !== "scalar" || node.unresolved !== undefined) continue;
    const profiles = itemsOf(value, "profiles").map((item) => `${name} ${textOf(item) ?? ""}`);
    const held = profiles.length === 0 ? [name] : profiles;
    const owner = held.map((each) => owners.get(each)).find((each) => each !== undefined);
    if (owner !== undefined)
      session.error(`The services "${owner}" and "${key}" have one container name, "${name}".`, node.place);
    else for (const each of held) owners.set(each, key);
  }
}

/** Services that wait for one another in a circle never start. A chain may be as long as there are services. */
function checkCircles(services: ReadonlyMap<string, MappingEntry>, session: Session): void {
  const finished = new Set<string>();
  /** The services on the way to here, each with those that it waits for and that were not looked at yet. */
  const trail = new Map<string, Iterator<MappingEntry>>();
  const enter = (name: string) => {
    const service = services.get(name);
    if (service !== undefined && !finished.has(name))
      trail.set(name, entriesOf(valueAt(service.value, "depends_on")).values());
  };
  for (const start of services.keys()) {
    enter(start);
    const way = trail.has(start) ? [start] : [];
    for (let name = way.at(-1); name !== undefined; name = way.at(-1)) {
      const next = trail.get(name)?.next();
      if (next === undefined || next.done === true) {
        finished.add(name);
        trail.delete(name);
        way.pop();
      } else if (trail.has(next.value.key)) {
        const { key, keyPlace } = next.value;
        const circle = [...way.slice(way.indexOf(key)), key].join(" → ");
        session.error(`These services wait for one another in a circle: ${circle}.`, keyPlace);
      } else {
        enter(next.value.key);
        if (trail.has(next.value.key)) way.push(next.value.key);
      }
    }
  }
}

function checkContent(kind: "secrets" | "configs", { key, value, keyPlace }: MappingEntry, session: Session): void {
  if (value.kind !== "mapping" || value.incomplete !== undefined) return;
  const ways = kind === "secrets" ? ["file", "environment"] : ["file", "environment", "content"];
  const used = ways.filter((way) => value.entries.has(way));
  const choices = ways.map((way) => `\`${way}\``).join(", ");
  if (used.length > 1)
    session.error(`"${key}" under \`${kind}\` has more than one of ${choices}.`, keyPlace, "Keep one of them.");
  if (used.length === 0 && !value.entries.has("driver") && !value.entries.has("external")) {
    session.error(
      `"${key}" under \`${kind}\` has none of ${choices}.`,
      keyPlace,
      "Say where its content comes from, or write `external: true`.",
    );
  }
}

function checkExternal({ key, value }: MappingEntry, session: Session): void {
  const external = valueAt(value, "external");
  if (value.kind !== "mapping" || external?.kind !== "scalar" || external.value !== true) return;
  for (const each of value.entries.values()) {
    if (["name", "external"].includes(each.key) || each.key.startsWith("x-") || each.implied === true) continue;
    session.error(
      `The volume "${key}" is external, and so cannot have \`${each.key}\`.`,
      each.keyPlace,
      "Remove one of the two.",
    );
  }
}

function entriesOf(node: TreeNode | undefined): ReadonlyMap<string, MappingEntry> {
  return node?.kind === "mapping" ? node.entries : new Map();
}

function itemsOf(node: TreeNode | undefined, key: string): readonly TreeNode[] {
  const list = valueAt(node, key);
  return list?.kind === "sequence" ? list.items : [];
}
