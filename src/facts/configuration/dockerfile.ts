import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { UserIdentity } from "../subjects.ts";
import type { CommandRisk, CommandRiskKind } from "./command-risk.ts";

/** What an image gets from its Dockerfile that it should not have, or how. */
export type BuildRiskKind =
  | CommandRiskKind
  /** `ENV` or `LABEL` with a secret; every container and everybody who has the image sees it. */
  | "secret-variable"
  /** The same with a value that anybody would try. */
  | "guessable-variable"
  /** `ARG` with a secret as its default. */
  | "secret-default"
  /** A secret among the words of `CMD` or `ENTRYPOINT`. */
  | "secret-in-command"
  /** `ARG` that asks for a secret: the image's history keeps what is given. */
  | "secret-argument"
  /** A file that holds secrets is copied by its name. */
  | "secret-file"
  /** A file that holds secrets is copied with the folder around it, and no `.dockerignore` keeps it out. */
  | "secret-in-context"
  /** `.git` is copied with the folder around it. */
  | "history-in-context"
  /** `ADD` of an address without a checksum. */
  | "unverified-download"
  /** A step of the build is not confined (`--security=insecure`, `--network=host`). */
  | "unconfined-step"
  /** A variable that makes the programs of the image take any certificate. */
  | "certificates-unverified-at-run";

export interface BuildRisk extends Omit<CommandRisk, "kind"> {
  readonly kind: BuildRiskKind;
  /** Tells findings of one kind apart: a variable's name, a path. */
  readonly name: string;
  /** The file that would keep it out of the build (`.dockerignore`), within the root; it need not be there. */
  readonly ignoreFile?: string;
  /** An instruction names it, also of another Dockerfile in the folder: a build may fail when it is kept out. */
  readonly isNamed?: true;
  /** Whether it ends up in the image; false for stages of which only files are taken. */
  readonly inImage: boolean;
  readonly place: Place;
}

export type BuiltProgram = "own" | "server of the base" | "whatever the base has" | "none";

/** What a Dockerfile or Containerfile says of the image that it builds. */
export interface DockerfileConfiguration {
  readonly software: "dockerfile";
  /** Whom the image starts as; `defaulted` from what is known of its base. */
  readonly user: Fact<UserIdentity>;
  /**
   * What a container of the image runs: a program that the Dockerfile names, the server that the base image is known
   * for, whatever another base image has (a shell, mostly), or nothing, as in a stage that only hands out files.
   */
  readonly program: Fact<BuiltProgram>;
  /** How the image seems to drop root after it has started (`gosu`, `su-exec`, s6); `none` where nothing says so. */
  readonly dropsRootBy: Fact<string>;
  readonly risks: FactList<BuildRisk>;
}
