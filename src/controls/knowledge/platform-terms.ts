import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { AnySubject, Container, PlatformName } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { notApplicable } from "../judge.ts";

/** What a thing is called where the subject comes from: the key that its author would look for. */
export function termFor(
  subject: Pick<AnySubject, "platform">,
  terms: Partial<Record<PlatformName, string>>,
  otherwise: string,
): string {
  return terms[subject.platform] ?? otherwise;
}

/** For what a container of a pod that only prepares it, or debugs it, need not have. Undefined for all others. */
export function unlessPassing({ kubernetes }: Container): Judgement | undefined {
  switch (kubernetes?.role) {
    case "init":
      return notApplicable("an init container, which ends before the others start");
    case "ephemeral":
      return notApplicable("an ephemeral container, which somebody attaches for a while");
    default:
      return undefined;
  }
}

/** For what the guest of a virtual machine decides, which no file of its host shows. Undefined for all others. */
export function unlessGuest(container: Container, system: System): Judgement | undefined {
  const kind = system.workloadOf(container)?.incus?.instanceKind;
  return kind !== undefined && knownValue(kind) === "vm"
    ? notApplicable("a virtual machine, whose guest decides that for itself")
    : undefined;
}

/** For protections of the Linux kernel, which a Windows pod has none of. Undefined for all others. */
export function unlessWindows({ kubernetes }: Container): Judgement | undefined {
  return kubernetes?.windows === true ? notApplicable("a Windows container has none") : undefined;
}
