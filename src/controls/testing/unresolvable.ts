import { type Fact, type FactList, incomplete, unknown } from "../../facts/fact.ts";
import type { AnySubject } from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";

const why = "the test made it unresolvable";
const factKinds = new Set(["stated", "defaulted", "unstated", "unknown"]);

/** A system with one fact, or all, made unresolvable; `what` names it. */
export interface Variant {
  readonly what: string;
  readonly system: System;
}

/** Every fact unknown, every list empty and incomplete. */
export function everythingUnknown(system: System): Variant {
  const subjects = system.subjects.map((subject) => rewrite(subject, () => true) as AnySubject);
  return { what: "any fact", system: withSubjects(system, subjects) };
}

/** One variant for each fact of each subject, facts inside of lists too. */
export function* variants(system: System): Generator<Variant> {
  for (const [index, subject] of system.subjects.entries()) {
    for (const path of pathsOf(subject, [])) {
      const changed = rewrite(subject, (at) => at.join(".") === path.join(".")) as AnySubject;
      yield {
        what: `${subject.kind} ${subject.ref.name} ${path.join(".")}`,
        system: withSubjects(system, system.subjects.with(index, changed)),
      };
    }
  }
}

function withSubjects(system: System, subjects: readonly AnySubject[]): System {
  return new System({ name: system.name, lens: system.lens, platform: system.platform, subjects });
}

type Path = readonly string[];

function* pathsOf(node: unknown, path: Path): Generator<Path> {
  if (isFact(node) || isList(node)) yield path;
  for (const [key, value] of childrenOf(node)) yield* pathsOf(value, [...path, key]);
}

/** A copy in which the facts and lists that `hit` names by their path are unresolvable. */
function rewrite(node: unknown, hit: (path: Path) => boolean, path: Path = []): unknown {
  if (isFact(node) && hit(path)) return unknown(why, node.place);
  if (isList(node) && hit(path)) return incomplete([], why, node.place);
  const children = childrenOf(node);
  if (children.length === 0) return node;
  const copies = children.map(([key, value]) => [key, rewrite(value, hit, [...path, key])] as const);
  return Array.isArray(node)
    ? copies.map(([, value]) => value)
    : { ...(node as object), ...Object.fromEntries(copies) };
}

/** Plain objects and arrays below a node; places, sensitive texts and scalars are leaves. */
function childrenOf(node: unknown): readonly (readonly [string, unknown])[] {
  if (typeof node !== "object" || node === null) return [];
  if (!Array.isArray(node) && Object.getPrototypeOf(node) !== Object.prototype) return [];
  return Object.entries(node).filter(([key, value]) => key !== "place" && key !== "ref" && typeof value === "object");
}

function isFact(node: unknown): node is Fact<unknown> {
  return isRecord(node) && typeof node.kind === "string" && factKinds.has(node.kind) && "place" in node;
}

function isList(node: unknown): node is FactList<unknown> {
  return isRecord(node) && Array.isArray(node.items) && typeof node.complete === "boolean";
}

function isRecord(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}
