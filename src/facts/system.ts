import { append } from "../lib/append.ts";
import { ReachGraph } from "./reach.ts";
import type {
  AnySubject,
  Container,
  Lens,
  Network,
  PlatformName,
  Ref,
  SubjectKind,
  SubjectOf,
  Workload,
} from "./subjects.ts";

/** What a reader could not read, or read with doubts; becomes a finding of the reserved control `input`. */
export interface InputProblem {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint?: string;
  readonly place: import("../lib/place.ts").Place;
  /** The text is a template that another program fills in first: nothing in it is wrong, and nothing of it was read. */
  readonly template?: true;
  /** Further ones of the same kind that this one speaks for. */
  readonly parts?: readonly InputProblem[];
}

/**
 * All that is known of one system (a Compose project, a stack, an engine's project) under one lens,
 * indexed so that a control can go from one subject to its neighbours.
 */
export class System {
  readonly name: string;
  readonly lens: Lens;
  readonly platform: PlatformName;
  readonly subjects: readonly AnySubject[];
  readonly problems: readonly InputProblem[];
  readonly #byKind = new Map<SubjectKind, AnySubject[]>();
  /** By kind and, within it, by what `#keyOf` makes of the ref. Made when asked for: many a system is part of the next alone. */
  #byRef: Map<SubjectKind, Map<string, AnySubject>> | undefined;
  /** The same by the owner. */
  #byOwner: Map<SubjectKind, Map<string, AnySubject[]>> | undefined;
  readonly #containers = new Map<Workload, readonly Container[]>();
  #reach: ReachGraph | undefined;
  /** What was worked out of it, by what does so: see `once.ts`. */
  readonly memos = new Map<unknown, unknown>();

  constructor(init: {
    name: string;
    lens: Lens;
    platform: PlatformName;
    subjects: readonly AnySubject[];
    problems?: readonly InputProblem[];
  }) {
    this.name = init.name;
    this.lens = init.lens;
    this.platform = init.platform;
    this.subjects = init.subjects;
    this.problems = init.problems ?? [];
    for (const subject of init.subjects) append(this.#byKind, subject.kind, subject);
  }

  /** Every subject of one kind, in the order they were read. */
  all<K extends SubjectKind>(kind: K): readonly SubjectOf<K>[] {
    return (this.#byKind.get(kind) ?? []) as unknown as readonly SubjectOf<K>[];
  }

  /** The subject that a ref names, or undefined when it is not part of this system. */
  get<K extends SubjectKind>(ref: Ref<K>): SubjectOf<K> | undefined {
    this.#byRef ??= this.#indexRefs();
    return this.#byRef.get(ref.kind)?.get(this.#keyOf(ref)) as SubjectOf<K> | undefined;
  }

  /** Subjects of one kind that belong to a workload or container. */
  ownedBy<K extends SubjectKind>(owner: Ref, kind: K): readonly SubjectOf<K>[] {
    this.#byOwner ??= this.#indexOwners();
    return (this.#byOwner.get(owner.kind)?.get(this.#keyOf(owner)) ?? none).filter(
      (subject) => subject.kind === kind,
    ) as unknown as readonly SubjectOf<K>[];
  }

  #indexRefs(): Map<SubjectKind, Map<string, AnySubject>> {
    const byRef = new Map<SubjectKind, Map<string, AnySubject>>();
    for (const subject of this.subjects) within(byRef, subject.ref.kind).set(this.#keyOf(subject.ref), subject);
    return byRef;
  }

  #indexOwners(): Map<SubjectKind, Map<string, AnySubject[]>> {
    const byOwner = new Map<SubjectKind, Map<string, AnySubject[]>>();
    for (const subject of this.subjects) {
      const owner = ownerOf(subject);
      if (owner !== undefined) append(within(byOwner, owner.kind), this.#keyOf(owner), subject);
    }
    return byOwner;
  }

  /** Within a system, which is nearly always, the name alone: it is there already, and need not be put together. */
  #keyOf(ref: Ref): string {
    return ref.system === this.name ? ref.name : `${ref.system}\0${ref.name}`;
  }

  workload(ref: Ref<"workload">): Workload | undefined {
    return this.get(ref);
  }

  containersOf(workload: Workload): readonly Container[] {
    const known = this.#containers.get(workload);
    if (known !== undefined) return known;
    const containers = workload.containers.flatMap((ref) => this.get(ref) ?? []);
    this.#containers.set(workload, containers);
    return containers;
  }

  networksOf(workload: Workload): readonly Network[] {
    return workload.attachments.items.flatMap((attachment) => this.get(attachment.network) ?? []);
  }

  /** The workload that a subject belongs to, or undefined for those that belong to none (networks, files, the host). */
  workloadOf(subject: AnySubject): Workload | undefined {
    switch (subject.kind) {
      case "workload":
        return subject;
      case "container":
        return this.get(subject.workload);
      case "listener":
      case "secret-reference":
        return this.get(subject.owner);
      case "image":
        return this.#workloadOfUser(subject.usedBy);
      case "mount":
        return this.#workloadOfContainer(subject.owner);
      case "route": {
        const target = subject.target;
        if (target.kind === "stated" || target.kind === "defaulted") return this.get(target.value.workload);
        return subject.owner === undefined ? undefined : this.get(subject.owner);
      }
      case "repository-file":
        return subject.owner === undefined ? undefined : this.get(subject.owner);
      default:
        return undefined;
    }
  }

  /** Who can reach whom, built on first use. */
  get reach(): ReachGraph {
    this.#reach ??= ReachGraph.of(this);
    return this.#reach;
  }

  #workloadOfUser(ref: Ref<"container" | "repository-file" | "pipeline">): Workload | undefined {
    const user = this.get(ref);
    if (user?.kind === "container") return this.get(user.workload);
    return user?.kind === "repository-file" && user.owner !== undefined ? this.get(user.owner) : undefined;
  }

  #workloadOfContainer(ref: Ref<"container">): Workload | undefined {
    const container = this.get(ref);
    return container === undefined ? undefined : this.get(container.workload);
  }
}

function ownerOf(subject: AnySubject): Ref | undefined {
  switch (subject.kind) {
    case "container":
      return subject.workload;
    case "image":
      return subject.usedBy;
    case "listener":
    case "secret-reference":
    case "mount":
    case "route":
    case "repository-file":
      return subject.owner;
    default:
      return undefined;
  }
}

const none: readonly AnySubject[] = [];

function within<V>(map: Map<SubjectKind, Map<string, V>>, kind: SubjectKind): Map<string, V> {
  const known = map.get(kind);
  if (known !== undefined) return known;
  const made = new Map<string, V>();
  map.set(kind, made);
  return made;
}
