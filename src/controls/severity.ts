import type { Control } from "../contracts/control.ts";
import type { Judgement, PathStep, Severity } from "../contracts/verdict.ts";
import { compareSeverity, severities } from "../contracts/verdict.ts";
import { type Fact, knownValue, unstated } from "../facts/fact.ts";
import { playsRole } from "../facts/knowledge/roles.ts";
import { oncePerKey } from "../facts/once.ts";
import type { Exposure } from "../facts/reach.ts";
import { describeNode, type ReachEdge } from "../facts/reach-edge.ts";
import type { Container, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import { handsOverEngineSocket, hostPathOf, isEngineSocket } from "./knowledge/engine-socket.ts";
import { isNobodyToHost } from "./knowledge/nobody.ts";

/** What of a workload's surroundings makes a fault in it matter more or less. */
export interface Situation {
  readonly exposure: Exposure;
  /** A clause: `port 8080 is published on every address`. */
  readonly exposureWhy: string;
  /** What opens it may not let anybody in: taken for open, and not for certain. */
  readonly inDoubt?: true;
  /** It is published to stated networks, or to a tailnet, only. */
  readonly limited?: true;
  /** Visitors come in by a tunnel: `exposureWhy` says by which. */
  readonly byTunnel?: true;
  /** A plain start leaves it out: why, as a clause. */
  readonly dormant?: string;
  /** It is the proxy itself, before which there is to be none. */
  readonly isProxy?: true;
  readonly path: readonly PathStep[];
  /** What would lead from the workload to the host, with the control that reports it. */
  readonly stepsToHost: readonly StepToHost[];
}

/** A power over the host: what it is, the control that reports it, and how it is told. */
export interface StepToHost {
  readonly power: "processes" | "privileged" | "host process" | "socket" | "socket folder" | "files";
  readonly control: string;
  readonly clause: string;
  /** Of a folder that holds the engine's socket, its path. */
  readonly of?: string;
}

/** How a workload stands, seen from outside and from the host; looked at once for all who ask. */
export const situationOf = oncePerKey<Workload, Situation>(look);

function look(workload: Workload, system: System): Situation {
  const { exposure, why, inDoubt, limited, byTunnel } = system.reach.exposure(workload);
  const path = system.reach.pathFromOutside(workload.ref).map(stepOf);
  const doubt = { ...(inDoubt && { inDoubt }), ...(limited && { limited }), ...(byTunnel && { byTunnel }) };
  const own = playsRole(workload, "proxy", system) === "yes" ? { isProxy: true as const } : {};
  const dormant = workload.dormant === undefined ? {} : { dormant: workload.dormant.why };
  return { exposure, exposureWhy: why, ...doubt, ...own, ...dormant, path, stepsToHost: stepsToHost(workload, system) };
}

/** A step of a way, as reports tell it. */
export function stepOf({ from, to, port, allowedBy, certain }: ReachEdge): PathStep {
  return {
    from: describeNode(from),
    to: describeNode(to),
    by: certain ? allowedBy : `${allowedBy} (not certain)`,
    ...(port === "any" ? {} : { port }),
  };
}

function stepsToHost(workload: Workload, system: System): Situation["stepsToHost"] {
  const steps: StepToHost[] = [];
  const isNobody = system.containersOf(workload).every((container) => isNobodyToHost(container, system));
  if (knownValue(workload.hostPid) === true && !isNobody) {
    steps.push({
      power: "processes",
      control: "workload.host-processes-hidden",
      clause: "it sees the host's processes",
    });
  }
  for (const container of system.containersOf(workload)) {
    // It has ended before anybody comes.
    if (container.kubernetes?.role === "init") continue;
    if (knownValue(container.privileged) === true) {
      steps.push({ power: "privileged", control: "workload.privileged-off", clause: "it is privileged" });
    }
    if (knownValue(hostProcessOf(container, workload)) === true) {
      steps.push({
        power: "host process",
        control: "workload.pod-security-baseline",
        clause: "it is a HostProcess container, which Windows runs on the node itself",
      });
    }
    for (const mount of system.ownedBy(container.ref, "mount")) {
      const path = hostPathOf(mount);
      // Who is nobody to the host's files opens neither its sockets nor what is not everybody's.
      if (path === undefined || (mount.asNobody !== undefined && knownValue(mount.asNobody) === true)) continue;
      if (isNobody && !isEngineSocket(path)) continue;
      if (isEngineSocket(path)) {
        steps.push({
          power: "socket",
          control: "workload.engine-socket-unmounted",
          clause: "it holds the engine's socket",
        });
      } else if (path === "/" && knownValue(mount.readOnly) !== true) {
        steps.push({
          power: "files",
          control: "workload.host-paths-unmounted",
          clause: "it can write the host's whole file system",
        });
      } else if (handsOverEngineSocket(path)) {
        steps.push({
          power: "socket folder",
          control: "workload.engine-socket-unmounted",
          clause: `it sees the engine's socket under ${path}`,
          of: path,
        });
      }
    }
  }
  // What sees all of the host sees its folders too.
  return steps.some(({ of }) => of === "/")
    ? steps.filter(({ power, of }) => power !== "socket folder" || of === "/")
    : steps;
}

/** Whether Windows runs a container as a process of its node: its own word before the pod's. */
export function hostProcessOf({ kubernetes, place }: Container, workload: Workload): Fact<boolean> {
  const own = kubernetes?.security.hostProcess;
  if (own !== undefined && own.kind !== "unstated") return own;
  return workload.kubernetes?.security.hostProcess ?? unstated(place);
}

/**
 * The severity of one finding. A workload that is published itself, and not to stated networks or a tailnet only, raises it
 * one step, one that nothing outside leads to lowers it one, and one that would be a step to the host raises it one. What
 * cannot be told is not raised. One that a plain start leaves out lowers it one, to low at most.
 */
export function severityOf(
  base: Severity,
  control: Judging,
  situation: Situation | undefined,
  verdict: Judgement["verdict"],
): Severity {
  if (situation === undefined) return base;
  const whileRunning = severityWhileRunning(base, control, situation, verdict);
  return isLoweredAsDormant(whileRunning, control, situation) ? moved(whileRunning, -1) : whileRunning;
}

function severityWhileRunning(
  base: Severity,
  control: Judging,
  situation: Situation,
  verdict: Judgement["verdict"],
): Severity {
  if (!control.exposureMatters) return base;
  return moved(base, moveFor(situation, verdict) + (stepFor(control, situation, verdict) === undefined ? 0 : 1));
}

function isLoweredAsDormant(whileRunning: Severity, control: Judging, { dormant }: Situation): boolean {
  return dormant !== undefined && !control.liesInFile && compareSeverity(whileRunning, "low") > 0;
}

function moved(severity: Severity, by: number): Severity {
  return severities[Math.min(Math.max(severities.indexOf(severity) + by, 0), severities.length - 1)] ?? severity;
}

/** How `severityOf` came to its answer, as a sentence. */
export function severityWhy(
  base: Severity,
  control: Judging,
  situation: Situation | undefined,
  verdict: Judgement["verdict"],
): string {
  if (situation === undefined) return `${capital(base)} by itself.`;
  const { exposureWhy, isProxy } = situation;
  const asleep = isLoweredAsDormant(severityWhileRunning(base, control, situation, verdict), control, situation);
  if (!control.exposureMatters && !asleep) return `${capital(base)} by itself.`;
  /** Why it is raised. */
  const reasons: string[] = [];
  const move = control.exposureMatters ? moveFor(situation, verdict) : 0;
  if (move > 0) reasons.push(isProxy === true ? exposureWhy : `${exposureWhy}, with no proxy before it`);
  const step = control.exposureMatters ? stepFor(control, situation, verdict) : undefined;
  if (step !== undefined) reasons.push(`the container is a step to the host: ${step.clause}`);
  const severity = severityOf(base, control, situation, verdict);
  // Nothing goes above critical.
  if (move >= 0 && reasons.length > 0 && severity === base && !asleep)
    return `${capital(base)} by itself; ${reasons.join(", and ")}.`;
  const lowered = [
    ...(move < 0 ? [`lowered because ${exposureWhy}`] : []),
    ...(asleep ? [`lowered because ${situation.dormant}`] : []),
  ];
  const clauses = [...lowered, ...reasons.map((reason) => `raised because ${reason}`)];
  const why = clauses.length === 0 ? `; ${unmovedWhy(situation)}` : `, ${clauses.join(", and ")}`;
  return `${capital(base)} by itself${why}${severity === base ? "" : `: ${severity}`}.`;
}

/** What of a control, and of one answer of it, a severity hangs on. */
interface Judging {
  readonly id: string;
  readonly exposureMatters: boolean;
  /** What it is about lies there whether the workload runs or not: a secret in a file. */
  readonly liesInFile: boolean;
}

/** A control as it judges one case. */
export function judging(
  { id, ring, exposureMatters }: Pick<Control, "id" | "ring" | "exposureMatters">,
  { settled }: { readonly settled?: boolean },
): Judging {
  const isSettled = settled === true;
  return {
    id,
    exposureMatters: exposureMatters && !isSettled,
    liesInFile: isSettled || (ring === "secrets" && !exposureMatters),
  };
}

function unmovedWhy({ exposure, exposureWhy, byTunnel, inDoubt }: Situation): string {
  if (byTunnel === true) return exposureWhy;
  // What cannot be told is not raised, and not lowered either.
  if (exposure === "neighbour" && inDoubt === true) return `not lowered, because ${exposureWhy}`;
  if (exposure === "neighbour") return "it shares a network with something that is published";
  return exposure === "proxied" ? `a proxy leads to it: ${exposureWhy}` : exposureWhy;
}

function moveFor({ exposure, inDoubt, limited }: Situation, verdict: Judgement["verdict"]): number {
  if (exposure === "published") return verdict === "fail" && inDoubt !== true && limited !== true ? 1 : 0;
  return exposure === "internal" || exposure === "none" ? -1 : 0;
}

function stepFor(
  control: Judging,
  situation: Situation,
  verdict: Judgement["verdict"],
): Situation["stepsToHost"][number] | undefined {
  return verdict === "fail" ? situation.stepsToHost.find((candidate) => candidate.control !== control.id) : undefined;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
