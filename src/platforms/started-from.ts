import { knownValue } from "../facts/fact.ts";
import type { Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ConfigFormat } from "../formats/config-format.ts";

/** Whether a file is the one that the owner's program is told to read, or reads by itself. */
export function isStartedFrom(inside: string, format: ConfigFormat, owner: Workload, system: System): boolean {
  if (format.startsAt === undefined && format.leadsOn !== true) return false;
  const words = system
    .containersOf(owner)
    .flatMap(({ command }) => (knownValue(command) ?? []).map((word) => word.reveal()));
  const named = words.flatMap((word, index) =>
    /^(?:--config|-c)$/.test(word) ? [words[index + 1]] : [/^--config=(.+)$/.exec(word)?.[1]],
  );
  if (named.some((path) => path !== undefined)) return named.includes(inside);
  return format.startsAt?.test(inside) === true;
}
