import type { ControlDescription } from "../contracts/control.ts";
import type { Attempt } from "../contracts/probe.ts";
import type { Finding, Severity } from "../contracts/verdict.ts";
import type { Change, KnownFinding } from "../controls/known-findings.ts";
import type { Tally } from "../controls/tally.ts";
import type { System } from "../facts/system.ts";

/** What a probe tried on one running system, for the reports that show it. */
export interface MeasuredSystem {
  readonly system: string;
  readonly attempts: readonly Attempt[];
  /** What could not be measured, and why, as sentences. */
  readonly blind: readonly string[];
  /** Where what runs is not what is declared, as clauses with their subject. */
  readonly drift?: readonly string[];
}

/** A control that threw: a bug of Ringwall's. Its error is told elsewhere. */
export interface BrokenControl {
  readonly control: string;
  readonly subject: string;
  /** The id under which the bug is reported. */
  readonly id: string;
}

/** Where the milliseconds went. */
export interface Durations {
  readonly totalMs: number;
}

/** An exception that a change adds, in words. */
export interface AddedException {
  readonly control: string;
  readonly subject: string | undefined;
  readonly reason: string;
  readonly until: string | undefined;
  readonly place: string;
}

/** How many findings are not told because they were there before, and what became of the others. */
export interface HeldBack {
  readonly baseline?: {
    readonly file: string;
    readonly held: number;
    /** In it, and not found any more. */
    readonly gone: readonly KnownFinding[];
    /** True where the change that is judged brings the file itself, so that it is not in force yet. */
    readonly ignored: boolean;
  };
  readonly since?: {
    readonly revision: string;
    readonly held: number;
    /** Found then, and not any more. */
    readonly gone: number;
    /** Not in force yet. */
    readonly exceptions: readonly AddedException[];
  };
  /** What came to chains that were known in part, and what of them got worse. */
  readonly changes?: ReadonlyMap<Finding, Change>;
  /** The severity by which findings are known that are told because they got worse. */
  readonly knownAs?: ReadonlyMap<Finding, Severity>;
  /** Parts of chains that are told with them, and were there before. */
  readonly knownParts?: ReadonlySet<Finding>;
}

/** All that a report is made of. Every report is a pure function of this: the same input gives the same bytes. */
export interface ReportInput {
  /** Of Ringwall. */
  readonly version: string;
  /** What was checked, as the person named it. */
  readonly root: string;
  /**
   * What stands before the files that places name when they are named from the folder that the check was run in: empty, or
   * with a slash at its end.
   */
  readonly base?: string;
  /** When it was checked. */
  readonly at: Date;
  readonly durations: Durations;
  /** Files that were read. */
  readonly files: number;
  /** Systems and services that were judged. */
  readonly systemCount: number;
  readonly serviceCount: number;
  /** Those of the services that are workloads of a cluster, where `service` is another word. */
  readonly clusterWorkloads: number;
  /** Whether services of several systems are shown, so that their names alone do not tell them apart. */
  readonly severalSystems: boolean;
  /** The systems themselves, for the map; empty when nobody will draw one. */
  readonly systems: readonly System[];
  /** Subjects that were judged. */
  readonly subjects: number;
  /** Every control that judged, and those that the evaluator itself reports. */
  readonly controls: readonly ControlDescription[];
  /** By control; those that judged nothing may be left out. */
  readonly tallies: ReadonlyMap<string, Tally>;
  /** Ranked, worst first; waived ones last. */
  readonly findings: readonly Finding[];
  /** Fingerprints are not unique over files; these are the very findings that make the exit code 1. */
  readonly counting: ReadonlySet<Finding>;
  readonly failOn: Severity;
  /** The name of the profile: `homelab`, `strict` or that of a file. */
  readonly profile: string;
  readonly broken: readonly BrokenControl[];
  /** What was not checked, and why, as sentences. */
  readonly unchecked: readonly string[];
  /** What is found and not told; present where a baseline or an earlier revision was named. */
  readonly heldBack?: HeldBack;
  /** Present when a probe ran. */
  readonly measured?: readonly MeasuredSystem[];
}
