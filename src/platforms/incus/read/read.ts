import type { AnySubject, Lens } from "../../../facts/subjects.ts";
import { type InputProblem, System } from "../../../facts/system.ts";
import type { TofuConfiguration } from "../../../formats/hcl/module/configuration.ts";
import { describePlace } from "../../../lib/place.ts";
import { IncusObjects } from "../load/objects.ts";
import { readContainer } from "./container.ts";
import { contextOf, type IncusContext, type InstanceContext } from "./context.ts";
import { readImage } from "./image.ts";
import { readListeners } from "./listeners.ts";
import { readMounts } from "./mounts.ts";
import { readNetworks } from "./networks.ts";
import { readSecrets } from "./secrets.ts";
import { readClients, readProjects, readServers } from "./server.ts";
import { readWorkload } from "./workload.ts";
import { readPolicyRules, readZones } from "./zones.ts";

export interface IncusFacts {
  readonly system: System;
  readonly instances: readonly InstanceContext[];
}

/** The facts of what a configuration asks Incus or LXD for. */
export function readIncus(configuration: TofuConfiguration, system: string, lens: Lens = "written"): IncusFacts {
  const context = contextOf(new IncusObjects(configuration), system, lens);
  const made = new System({
    name: system,
    lens,
    platform: "incus",
    subjects: withOwnNames(subjectsOf(context)),
    problems: [...configuration.problems, ...unseenProblems(configuration)],
  });
  return { system: made, instances: context.instances };
}

export function subjectsOf(context: IncusContext): readonly AnySubject[] {
  const listeners = readListeners(context);
  const instances = context.instances.flatMap((instance): readonly AnySubject[] => {
    const image = readImage(instance);
    const container = readContainer(instance, image !== undefined);
    return [
      readWorkload(instance),
      container,
      ...(image === undefined ? [] : [image]),
      ...readMounts(instance),
      ...readSecrets(instance, container),
    ];
  });
  return [
    ...instances,
    ...listeners,
    ...readNetworks(context),
    ...readZones(context, listeners),
    ...readPolicyRules(context),
    ...readServers(context),
    ...readClients(context),
    ...readProjects(context),
  ];
}

/** Modules that make objects which nobody can see here, each told once, however often it is called. */
function unseenProblems({ unseen }: TofuConfiguration): readonly InputProblem[] {
  const once = new Map(unseen.map((module) => [describePlace(module.place), module] as const));
  return [...once.values()].map(({ address, why, place }) => ({
    severity: "warning",
    message: `What ${address} makes is not checked: ${why}.`,
    hint: "Check what `tofu show -json` prints of a plan: it holds everything.",
    place,
  }));
}

/** Of two subjects of one kind and name the second gets `#2`: both count. */
function withOwnNames(subjects: readonly AnySubject[]): readonly AnySubject[] {
  const counts = new Map<string, number>();
  return subjects.map((subject) => {
    const key = `${subject.kind}\0${subject.ref.name}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count === 1
      ? subject
      : ({ ...subject, ref: { ...subject.ref, name: `${subject.ref.name}#${count}` } } as AnySubject);
  });
}
