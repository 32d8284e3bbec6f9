import type { Judgement } from "../../contracts/verdict.ts";
import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import { type TalosMachine, templateBlocks } from "../../facts/configuration/talos.ts";
import { type Fact, type FactList, incomplete } from "../../facts/fact.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { demand, notApplicable, type Wording } from "../judge.ts";

/** What a file says of a Talos machine; a judgement for every other file. */
export function machineOf({ configuration }: RepositoryFile): TalosMachine | Judgement {
  if (configuration?.software !== "talos") return notApplicable("it configures no Talos machine");
  return configuration.machine ?? notApplicable("it configures no Talos machine");
}

/** The same for what only machines of the control plane do. One whose role another document gives may be one. */
export function controlPlaneOf(file: RepositoryFile): TalosMachine | Judgement {
  const machine = machineOf(file);
  if (isJudgement(machine)) return machine;
  const { role } = machine;
  return role.kind === "stated" && role.value === "worker" ? notApplicable("it is a worker") : machine;
}

/**
 * Judges a machine. What only the blocks of a template decide is told once for the file and is no verdict of a control.
 */
export function onMachine(file: RepositoryFile, judge: (machine: TalosMachine) => Judgement | readonly Judgement[]) {
  return toldOnce(machineOf(file), judge);
}

/** The same for machines of the control plane. */
export function onControlPlane(
  file: RepositoryFile,
  judge: (machine: TalosMachine) => Judgement | readonly Judgement[],
) {
  return toldOnce(controlPlaneOf(file), judge);
}

/** Judges what was found. What only the blocks of a template decide is told once for the file and is no verdict. */
export function toldOnce<T extends object>(
  machine: T | Judgement,
  judge: (machine: T) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  if (isJudgement(machine)) return machine;
  const answer = judge(machine);
  const judgements: readonly Judgement[] = Array.isArray(answer) ? answer : [answer];
  const told = judgements.filter(({ because }) => because !== templateBlocks);
  return told.length === 0 ? notApplicable("only the blocks of a template decide it") : told;
}

export function isJudgement(found: object): found is Judgement {
  return "verdict" in found;
}

/**
 * A protection that must be stated or be Talos's own default. A whole configuration that does not state it fails; a patch
 * is not judged for what it does not say, because another document of the same machine may.
 */
export function demandOf<T>(
  fact: Fact<T>,
  machine: Pick<TalosMachine, "whole">,
  holds: (value: T) => boolean,
  wording: Wording<T>,
): Judgement {
  if (fact.kind === "unstated" && !machine.whole) return notApplicable("another document of the machine may say it");
  return demand(fact, holds, wording);
}

/** The flags of a name, with what cannot be told of them. */
export function argumentsNamed(
  list: FactList<ComponentArgument>,
  ...names: readonly string[]
): FactList<ComponentArgument> {
  const items = list.items.filter(({ name }) => names.includes(name));
  return list.complete ? { ...list, items } : incomplete(items, list.why, list.place);
}
