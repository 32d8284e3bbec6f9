import { type Fact, type FactList, knownValue } from "../../facts/fact.ts";
import type { AnySubject, SubjectKind } from "../../facts/subjects.ts";
import { refKey } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** One difference between what is declared and what runs. */
export interface Drift {
  /** `container db`, `network api--db`. */
  readonly subject: string;
  /** As a clause: `memoryLimit is 256 MB, declared 512 MB`. */
  readonly what: string;
}

/** Fields in which a declaration and an engine may differ although nothing was changed: the engine tells them otherwise. */
const compared: Readonly<Partial<Record<SubjectKind, readonly string[]>>> = {
  workload: ["networkMode", "hostPid", "hostIpc", "hostUts", "hostUsers", "restart"],
  container: [
    "privileged",
    "noNewPrivileges",
    "readOnlyRoot",
    "memoryLimit",
    "cpuLimit",
    "pidsLimit",
    "healthCheck",
    "user",
  ],
  network: ["internal", "subnets", "driver", "attachable"],
  mount: ["type", "source", "readOnly"],
  listener: ["hostAddress", "hostPort", "protocol", "port"],
};

/**
 * Where what runs is not what is declared: subjects that are missing or that nobody declared, and fields whose values are
 * known on both sides and differ. Judges nothing: a difference may be harmless, or the work of an intruder.
 */
export function driftOf(declared: System, running: System): readonly Drift[] {
  const drift: Drift[] = [];
  for (const kind of Object.keys(compared).filter(isCompared)) {
    const wanted = new Map(declared.all(kind).map((subject) => [refKey(subject.ref), subject]));
    const there = new Map(running.all(kind).map((subject) => [refKey(subject.ref), subject]));
    for (const [key, subject] of wanted) {
      const now = there.get(key);
      if (now === undefined) {
        if (isVisible(subject)) drift.push({ subject: nameOf(subject), what: "is declared and does not run" });
      } else drift.push(...fieldDrift(subject, now, compared[kind] ?? []));
    }
    for (const [key, subject] of there) {
      if (!wanted.has(key) && isVisible(subject))
        drift.push({ subject: nameOf(subject), what: "runs and is not declared" });
    }
  }
  return [...drift, ...attachmentDrift(declared, running)];
}

function isCompared(kind: string): kind is SubjectKind {
  return Object.hasOwn(compared, kind);
}

/** An engine tells of published ports only; ports inside, and files that Compose mounts, have no counterpart there. */
function isVisible(subject: AnySubject): boolean {
  if (subject.kind === "listener") return subject.hostPort !== undefined;
  return true;
}

function nameOf(subject: AnySubject): string {
  return `${subject.kind} ${subject.ref.name}`;
}

function fieldDrift(declared: AnySubject, running: AnySubject, fields: readonly string[]): readonly Drift[] {
  const before = new Map<string, unknown>(Object.entries(declared));
  const after = new Map<string, unknown>(Object.entries(running));
  return fields.flatMap((field): Drift[] => {
    const [was, is] = [textOf(before.get(field)), textOf(after.get(field))];
    if (was === undefined || is === undefined || was === is) return [];
    if (field === "source" && sameSource(was, is, running.ref.system)) return [];
    return [{ subject: nameOf(running), what: `${words(field)} is ${is}, declared ${was}` }];
  });
}

/** A rendered file is declared by its place in the rendered folder, a volume by its key without the project's name. */
function sameSource(declared: string, running: string, system: string): boolean {
  return (declared.startsWith("./") && running.endsWith(declared.slice(1))) || running === `${system}_${declared}`;
}

/** Which networks each service is on. */
function attachmentDrift(declared: System, running: System): readonly Drift[] {
  return running.all("workload").flatMap((workload): Drift[] => {
    const before = declared.get(workload.ref);
    if (before === undefined || !before.attachments.complete || !workload.attachments.complete) return [];
    const wanted = new Set(before.attachments.items.map(({ network }) => network.name));
    const there = new Set(workload.attachments.items.map(({ network }) => network.name));
    const more = [...there].filter((name) => !wanted.has(name));
    const less = [...wanted].filter((name) => !there.has(name));
    const subject = nameOf(workload);
    return [
      ...more.map((name) => ({ subject, what: `is on the network ${name}, which nobody declared for it` })),
      ...less.map((name) => ({ subject, what: `is not on the network ${name}, as declared` })),
    ];
  });
}

/** A fact's value as text for comparing and telling; undefined for what is not known. No limit is `none`. */
function textOf(value: unknown): string | undefined {
  if (isList(value)) {
    if (!value.complete) return undefined;
    const texts = value.items.map((item) => (isFact(item) ? textOf(item) : plain(item)));
    return texts.includes(undefined) ? undefined : texts.sort().join(", ");
  }
  if (!isFact(value)) return undefined;
  if (value.kind === "unstated") return "none";
  const known = knownValue(value);
  return known === undefined ? undefined : plain(known);
}

function plain(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("uid" in value && typeof value.uid === "number") return `uid ${value.uid}`;
  if ("command" in value && Array.isArray(value.command)) return value.command.join(" ").replace(/^CMD(-SHELL)? /, "");
  if ("kind" in value) return String(value.kind);
  return JSON.stringify(value);
}

function isFact(value: unknown): value is Fact<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    ["stated", "defaulted", "unstated", "unknown"].includes(String(value.kind))
  );
}

function isList(value: unknown): value is FactList<unknown> {
  return typeof value === "object" && value !== null && "items" in value && "complete" in value;
}

/** `memoryLimit` as people write it. */
function words(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
