import { knownValue } from "../facts/fact.ts";
import { repositoriesOf } from "../facts/image-repository.ts";
import { softwareOf } from "../facts/knowledge/software.ts";
import type { Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ConfigFormat } from "../formats/config-format.ts";
import { append } from "../lib/append.ts";
import { isStartedFrom } from "./started-from.ts";

/** A file of a format as one workload sees it. */
interface Seen {
  readonly owner: Workload;
  readonly path: string;
  readonly inside: string;
  readonly format: ConfigFormat;
  /** Whether it is put there for this one workload alone: built into its image. */
  readonly isOwn: boolean;
}

/**
 * Of the files that workloads see those that their programs read. A proxy's file that a backup has at hand, or an editor,
 * is not theirs: it is of the one who runs the program, or whose place it is where that program looks.
 */
export function readByTheirOwners<T extends Seen>(seen: readonly T[], system: System): readonly T[] {
  const claims = new Map<string, number[]>();
  const claimed = seen.map((each) => {
    const claim = claimOf(each, system);
    append(claims, each.path, claim);
    return { each, claim };
  });
  const least = new Map([...claims].map(([path, all]) => [path, Math.min(2, Math.max(1, ...all))] as const));
  return claimed.flatMap(({ each, claim }) => (claim >= (least.get(each.path) ?? 1) ? [each] : []));
}

/** How much speaks for a workload: 3 its program, 2 a place and what it looks like, 1 one of them, 0 neither. */
function claimOf({ owner, inside, format, isOwn }: Seen, system: System): number {
  const { readBy } = format;
  if (readBy === undefined || isOwn) return 3;
  const repositories = repositoriesOf(owner, system);
  const software = repositories.flatMap((each) => softwareOf(each)?.name ?? []);
  if (software.some((name) => readBy.software.includes(name))) return 3;
  const isThere = readBy.places.test(inside) || isStartedFrom(inside, format, owner, system);
  const mayBe = software.length === 0 && mayBeProxy(owner, repositories, readBy.named, system);
  return (isThere ? 1 : 0) + (mayBe ? 1 : 0);
}

const proxyNames = /proxy|gateway|ingress|balancer|(?:^|[-_/])(?:edge|lb|web|www|frontend)(?:$|[-_/])/i;

/** Whether an image that is not known may run a proxy: it cannot be told at all, is named so, or stands where one does. */
function mayBeProxy(owner: Workload, repositories: readonly string[], named: RegExp, system: System): boolean {
  if (repositories.length === 0) return true;
  if ([owner.ref.name, ...repositories].some((name) => named.test(name) || proxyNames.test(name))) return true;
  if (knownValue(owner.networkMode)?.kind === "host") return true;
  return system.ownedBy(owner.ref, "listener").some(({ hostPort }) => {
    const port = hostPort === undefined ? undefined : knownValue(hostPort);
    return port === 80 || port === 443;
  });
}
