import type { Control, FrameworkReferences, Remedies } from "../contracts/control.ts";
import type { ControlFix } from "../contracts/fix.ts";
import type { Judgement, Ring, Severity } from "../contracts/verdict.ts";
import { rings } from "../contracts/verdict.ts";
import type { Software } from "../facts/configuration/configuration.ts";
import type { PlatformName, SubjectKind, SubjectOf } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import { notApplicable } from "./judge.ts";

/** What the author of a control writes; the ring follows from the id. */
export interface ControlDefinition<K extends SubjectKind> {
  readonly id: `${Ring}.${string}`;
  readonly on: K;
  readonly severity: Severity;
  readonly title: string;
  readonly claim: string;
  readonly threat: string;
  readonly remedy: string;
  /** What mends it on a platform where the general remedy does not say it in that platform's own words. */
  readonly remedies?: Remedies;
  /** Where it means something; not applicable elsewhere. Default: everywhere. */
  readonly platforms?: readonly PlatformName[];
  /** See `Control.software`; for controls of repository files. */
  readonly software?: K extends "repository-file" ? readonly Software[] : never;
  readonly judged: string;
  readonly limits?: string;
  readonly frameworks: FrameworkReferences;
  /** Default true. */
  readonly exposureMatters?: boolean;
  /** How `check --fix` mends it; see `ControlFix`. */
  readonly fix?: FixDefinition<K>;
  /** See `Control.folds`. */
  readonly folds?: Control["folds"] & object;
  check(subject: SubjectOf<K>, system: System): Judgement | readonly Judgement[];
}

/** `ControlFix` for subjects of one kind. */
export interface FixDefinition<K extends SubjectKind> extends Omit<ControlFix, "edits"> {
  edits(subject: SubjectOf<K>, system: System, judgement: Judgement): ReturnType<ControlFix["edits"]>;
}

const platformNames: Readonly<Record<PlatformName, string>> = {
  compose: "a Compose file",
  incus: "an Incus instance",
  kubernetes: "a Kubernetes manifest",
  files: "a configuration file",
};

const idPattern = /^([a-z-]+)\.[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Makes a control of its definition. Throws when the id is not `ring.subject-state`: a bug, found when it is loaded. */
export function defineControl<K extends SubjectKind>(definition: ControlDefinition<K>): Control {
  const { fix, platforms, software, ...described } = definition;
  // The evaluator hands a control subjects of its own kind only.
  const check = definition.check as Control["check"];
  return {
    ...described,
    ...(fix === undefined ? {} : { fix: fix as ControlFix }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(software === undefined ? {} : { software }),
    ring: ringOf(definition.id),
    exposureMatters: definition.exposureMatters ?? true,
    check:
      platforms === undefined
        ? check
        : (subject, system) =>
            platforms.includes(subject.platform)
              ? check(subject, system)
              : notApplicable(`not something that ${platformNames[subject.platform]} decides`),
  };
}

function ringOf(id: string): Ring {
  const prefix = idPattern.exec(id)?.[1];
  const ring = rings.find((known) => known === prefix);
  if (ring === undefined) throw new Error(`The control id "${id}" does not begin with a ring and a dot.`);
  return ring;
}
