/** The changes that controls make where `check --fix` mends what they find. */
import type { DocumentChange, Edit } from "../contracts/fix.ts";
import type { Judgement } from "../contracts/verdict.ts";
import { knownValue } from "../facts/fact.ts";
import type { Container, Workload } from "../facts/subjects.ts";
import type { Place } from "../lib/place.ts";
import type { FixDefinition } from "./define.ts";
import { loopbackText } from "./knowledge/published.ts";

type DocumentEdit = Edit & { readonly kind: "document" };

/**
 * A change below a service of Compose, which is named by its key, or below a container of a pod, which is a mapping in a
 * list.
 */
export function below(
  { platform, place }: Container | Workload,
  path: readonly string[],
  change: DocumentChange,
): DocumentEdit {
  return { kind: "document", at: place, of: platform === "kubernetes" ? "node" : "entry", path, change };
}

/** A single value in the spec of a pod, wherever the object that makes it keeps that. */
export function setInPod(
  { place, kubernetes }: Workload,
  path: readonly string[],
  value: string | number | boolean,
): DocumentEdit | undefined {
  const spec = podSpecs.get(kubernetes?.objectKind ?? "");
  if (spec === undefined) return undefined;
  return { kind: "document", at: place, of: "around", path: [...spec, ...path], change: { kind: "set", value } };
}

const template = ["spec", "template", "spec"];
const podSpecs: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    Pod: ["spec"],
    Deployment: template,
    StatefulSet: template,
    DaemonSet: template,
    ReplicaSet: template,
    ReplicationController: template,
    Job: template,
    CronJob: ["spec", "jobTemplate", ...template],
  }),
);

/** A single value at a path. */
export function setBelow(
  subject: Container | Workload,
  path: readonly string[],
  value: string | number | boolean,
): DocumentEdit {
  return below(subject, path, { kind: "set", value });
}

/**
 * One value where a judgement stands: the pattern is matched there, and what its group takes becomes `value`. Nothing where
 * no place in a file is known.
 */
export function valueAt(
  place: Place | undefined,
  pattern: RegExp,
  value: string,
): readonly [Edit & { readonly kind: "value" }] | undefined {
  return place?.kind === "file" && place.whole !== true ? [{ kind: "value", at: place, pattern, value }] : undefined;
}

/** The same for a value that is all there is at the place, in quotes or not. */
export function wordAt(
  { place }: Judgement,
  from: string,
  to: string,
): readonly [Edit & { readonly kind: "value" }] | undefined {
  return valueAt(place, new RegExp(`["']?(${from})(?![\\w.-])`, "i"), to);
}

/** Lines in the block that opens where a judgement stands, or beside that line. */
export function linesAt(
  place: Place | undefined,
  where: (Edit & { readonly kind: "lines" })["where"],
  ...lines: readonly string[]
): readonly [Edit & { readonly kind: "lines" }] | undefined {
  return place?.kind === "file" && place.whole !== true ? [{ kind: "lines", at: place, where, lines }] : undefined;
}

/** A line in a mapping of HCL that opens at the place (`config = {`), or in one that is made in the block which does. */
export function linesWithin(
  place: Place | undefined,
  mapping: string,
  line: string,
): readonly [Edit & { readonly kind: "lines" }] | undefined {
  const [edit] = linesAt(place, "within", line) ?? [];
  const unless = { line: new RegExp(`\\b${mapping}[ \\t]*=`), lines: [`${mapping} = {`, `  ${line}`, "}"] };
  return edit && [{ ...edit, unless }];
}

/** Binds a published port of Compose to the host's loopback. */
export const bindToLoopback: FixDefinition<"listener"> = {
  changesBehaviour:
    "The port can be reached from this machine alone; whoever comes from elsewhere needs SSH, a VPN, or a proxy on a shared network.",
  onlyNamed: true,
  edits(listener, system) {
    const text = loopbackText(listener);
    // In the host's network the program itself decides, and no port is written that could be bound.
    const { networkMode } = system.workload(listener.owner) ?? {};
    const mode = networkMode && knownValue(networkMode);
    if (listener.platform !== "compose" || text === undefined || mode === undefined || mode.kind === "host")
      return undefined;
    // Several listeners in one place are a range of ports; two that become the same are one too many for Compose.
    const shared = system
      .ownedBy(listener.owner, "listener")
      .some(
        (other) =>
          other !== listener &&
          (samePlace(other.place, listener.place) || (other.hostAddress !== undefined && loopbackText(other) === text)),
      );
    if (shared) return undefined;
    const change = { kind: "set", value: "127.0.0.1" } as const;
    return [{ kind: "document", at: listener.place, of: "node", path: ["host_ip"], change, ifScalar: text }];
  },
};

function samePlace(a: Place, b: Place): boolean {
  return a.kind === "file" && b.kind === "file" && a.source.path === b.source.path && a.offset === b.offset;
}
