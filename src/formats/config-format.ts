/**
 * The contract of a configuration file's format: how a file is recognised, and what facts it gives. One folder for each
 * format stands beside this file; `config-formats.ts` lists them.
 */
import type { Fact } from "../facts/fact.ts";
import type { Sensitive } from "../facts/sensitive.ts";
import type { AnySubject, Lens, PlatformName, Route, Workload } from "../facts/subjects.ts";
import type { InputProblem } from "../facts/system.ts";
import type { Source } from "../lib/place.ts";
import type { ConfinedFiles, TextFile } from "../repository/files.ts";

/** What a reader of a configuration file gets. */
export interface ConfigInput {
  readonly file: TextFile;
  /** The file's path within the root. */
  readonly path: string;
  /** Its path as the owner's program sees it (`/config/serve.json`), where that is known. */
  readonly inside?: string;
  /** Opens what the file includes; confined to the root. */
  readonly files: ConfinedFiles;
  /** Every file within the root, for patterns (`import sites/*`). */
  readonly paths: readonly string[];
  /** The system that the subjects belong to. */
  readonly system: string;
  readonly lens: Lens;
  readonly platform: PlatformName;
  /** The workload that the file is mounted into; undefined for a file that none is seen to use. */
  readonly owner: Workload | undefined;
  /**
   * The file within the root that the program would open under a path of its own file system (`/etc/caddy/sites/a`), or
   * one relative to the file itself; undefined when it is not in this folder.
   */
  locate(path: string): string | undefined;
  /**
   * The workload that answers under a host name or address as the program sees it (a service's name or alias; for a
   * program on the host itself, `localhost` and a published port); undefined when none of this system does.
   */
  find(host: string, port: number | undefined): Workload | undefined;
  /**
   * As `find`, with the port that the workload itself listens on: another one where the host's published port is named.
   * `doubt`, a clause, where it may be one of them. Absent where only names are known.
   */
  resolve?(
    host: string,
    port: number,
  ): { readonly workload: Workload; readonly port: number } | { readonly doubt: string } | undefined;
  /**
   * What an environment variable is where the program starts: `unstated` for one that is not set. Absent where nothing
   * tells.
   */
  environment?(name: string): Fact<Sensitive>;
  /** The repository of the image that the owner runs (`library/nginx`), where it is known. */
  readonly image?: string | undefined;
  /** That image's tag (`1.29-alpine`), where it is known; it names a version, or not. */
  readonly imageTag?: string | undefined;
  /** The words that the owner starts with, entrypoint and command, as far as they are known. */
  readonly words?: readonly string[];
  /** Why not all of those words are known, as a clause; undefined where they are. */
  readonly unseenWords?: string | undefined;
}

/** What the program sees the file under: the name in its container, where that is known, has the ending that tells its form. */
export function nameOf({ inside, path }: Pick<ConfigInput, "inside" | "path">): string {
  return inside ?? path;
}

/** What a configuration file gives. */
export interface ConfigFacts {
  /**
   * Routes, listeners, secret references and the like, and a `repository-file` of role `configuration` for the file
   * itself where a control reads its settings.
   */
  readonly subjects: readonly AnySubject[];
  readonly problems: readonly InputProblem[];
  /** The further files that were read: included ones, rule files. */
  readonly sources: readonly Source[];
  /**
   * What the file says of workloads that are subjects already: that they are scraped, which alert rules they load.
   * Called for each workload of the system; gives the same object back where it says nothing.
   */
  amend?(workload: Workload): Workload;
  /** Of a proxy: its routes before the names in them are looked up, for all systems that they may lead into. */
  leads?(): readonly Lead[];
}

/** A system that has names looked up. */
export type Asking = Pick<ConfigInput, "system" | "lens" | "platform" | "find" | "resolve">;

/** A route of a proxy's file before the names in it are looked up. The file is read once, and each system looks up its own. */
export interface Lead {
  /** Where it passes requests on to. What answers to none of them is no target of it. */
  readonly addresses: readonly Address[];
  /** What it is in a system: the subjects that `read` gives with these names, of this route alone. */
  routesIn(asking: Asking): readonly Route[];
}

/** An address that a proxy passes requests on to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ConfigFormat {
  /** As people call it: `Caddyfile`. */
  readonly name: string;
  /** Whether a path, on the host or in a container, makes it worth a look at the text. */
  mayBe(path: string): boolean;
  /** Whether the text is one. A pattern over the text, not a parse: every candidate file of a repository is asked. */
  recognises(path: string, text: string): boolean;
  /**
   * Where the program starts to read inside of a container: a workload that has a file there reads no other one by itself
   * (`/etc/caddy/Caddyfile`). Absent where any file may be read.
   */
  readonly startsAt?: RegExp;
  /**
   * True for a proxy: what it says leads to workloads that need not mount the file, so that a file which nobody is seen
   * to mount, and one that is built into an image, count too.
   */
  readonly leadsOn?: true;
  /** Of a proxy: who reads it. Absent where everybody who sees the file counts. */
  readonly readBy?: {
    /** The programs, as `softwareOf` names them. */
    readonly software: readonly string[];
    /** How images and services of such a program are named. */
    readonly named: RegExp;
    /** Where in a container the program looks for files. */
    readonly places: RegExp;
  };
  /**
   * Whether a text may name further files that are read with it. A pattern over the text, which may err towards yes;
   * absent where it always may.
   */
  readsOthers?(text: string): boolean;
  /** Never throws for a bad text: that is a problem with its place, and facts as far as they go. */
  read(input: ConfigInput): ConfigFacts;
}
