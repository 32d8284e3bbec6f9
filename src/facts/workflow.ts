/**
 * What a workflow of GitHub Actions, or of Forgejo and Gitea which speak the same language, tells a runner to do; and a
 * pipeline of GitLab CI, as far as it says the same.
 */
import type { Place } from "../lib/place.ts";
import type { CommandRisk } from "./configuration/command-risk.ts";
import type { Fact, FactList } from "./fact.ts";
import type { Sensitive } from "./sensitive.ts";

export interface WorkflowExtension {
  /**
   * Whose runners read it. Forgejo and Gitea know no `permissions`, and all their runners are somebody's own; in GitLab
   * what starts a pipeline, its token's rights and its runners are no matter of the file.
   */
  readonly host: "github" | "forgejo" | "gitlab";
  /** `workflow`, or a composite action that workflows call. */
  readonly kind: "workflow" | "composite action";
  /** The events that start it; none for a composite action. */
  readonly triggers: FactList<Trigger>;
  /** Names of the workflows whose end starts it (`workflow_run`). */
  readonly startedBy: readonly string[];
  readonly name: string | undefined;
  /** Everything that is called by name: actions, reusable workflows, images as actions. */
  readonly actions: FactList<ActionUse>;
  /** What the token may do, by job; `unstated` where the repository's setting decides. */
  readonly tokens: FactList<JobToken>;
  /** The token as the workflow states it for every job that states none. */
  readonly sharedToken: Fact<TokenPermissions>;
  /** Code of a pull request that is fetched while the workflow has the repository's own rights. */
  readonly foreignCode: FactList<ForeignCode>;
  /** Texts of others that are put into a script as they are. */
  readonly injections: FactList<Injection>;
  readonly secrets: FactList<SecretUse>;
  readonly runners: FactList<Runner>;
  /** Containers that run only where the runner gives them all rights over its machine. */
  readonly privileged: FactList<PrivilegedUse>;
  readonly commands: FactList<CommandRisk>;
  /** Places where a runner is told to take variables and paths from what steps write to the log. */
  readonly logCommands: FactList<{ readonly by: "environment" | "script"; readonly place: Place }>;
  readonly caches: FactList<CacheUse>;
  /** Places where what it makes is published: packages, images, releases. */
  readonly publishes: FactList<Place>;
  /** Places where images are built to be pushed. */
  readonly buildsImages: FactList<Place>;
  /** Places where a scanner looks for known vulnerabilities. */
  readonly scans: FactList<{ readonly scanner: string; readonly place: Place }>;
}

export interface Trigger {
  readonly name: string;
  /** True when it is narrowed to tags. */
  readonly tags: boolean;
  /** True when it is narrowed to branches. */
  readonly branches: boolean;
  readonly place: Place;
}

export interface ActionUse {
  /** As written: `actions/checkout@v6`. */
  readonly text: string;
  readonly kind: "action" | "workflow" | "image" | "project include" | "remote include" | "component";
  /** `actions`; the registry's host or namespace for an image. */
  readonly owner: string;
  /** `actions/checkout`, in lower case. */
  readonly repository: string;
  /** How the version is named: a full commit hash or digest, something that moves, or nothing. */
  readonly pinnedBy: "commit" | "digest" | "name" | "nothing";
  /** True for a name without a number in it (`main`, `stable`): a branch, and no tag of a version. */
  readonly isBranch: boolean;
  readonly place: Place;
}

export interface TokenPermissions {
  /** `everything` for `write-all`. */
  readonly writes: "everything" | readonly string[];
}

export interface JobToken {
  readonly job: string;
  readonly permissions: Fact<TokenPermissions>;
  /** True where the job states its own. */
  readonly own: boolean;
  readonly place: Place;
}

export interface ForeignCode {
  /** How it comes: by a checkout of the pull request, or in an artifact of a run before. */
  readonly by: "checkout" | "artifact";
  /** A clause: `the head of the pull request is checked out`. */
  readonly what: string;
  /** The event that brings it: `pull_request_target`. */
  readonly trigger: string;
  /** Whether a later step of the job runs something of it; one that only prints does not. */
  readonly runs: boolean;
  /** What its content sets where nothing of it is run: variables of later steps, or outputs of one. */
  readonly sets?: "variables" | "outputs";
  /** What such a step could take or do, as clauses: secrets of the job, rights of its token, a runner of one's own. */
  readonly powers: readonly string[];
  /** Whether the repository's setting decides what the token may do. */
  readonly tokenUnstated: boolean;
  /** `branches`: only such whose branch has a certain name, which whoever forks chooses. */
  readonly guard: "none" | "branches" | "approval";
  readonly place: Place;
}

export interface Injection {
  /** The context as written: `github.event.issue.title`. */
  readonly context: string;
  /** Who writes it: anybody; whoever opens a pull request, without the repository's rights; whose commit is taken in. */
  readonly by: "anybody" | "fork" | "contributor";
  /** Whether somebody of the project has to agree first, by `if` or an environment. */
  readonly guarded: boolean;
  /** For a variable, which the shell takes for a text: what reads the text after it, in spite of that. */
  readonly readAgainAs?: "program" | "variables";
  /** How the script could read it as a variable, where that is certain to mean the same. */
  readonly rewrite?: InjectionRewrite;
  readonly place: Place;
}

/** A text of others, read from the environment by the shell. */
export interface InjectionRewrite {
  /** As written, with its braces. */
  readonly expression: string;
  /** What stands in its place: `${TITLE}`, in quotes where there are none. */
  readonly reading: string;
  /** The variable that the step has to be given; undefined where it has it. */
  readonly variable: { readonly name: string; readonly value: string } | undefined;
  readonly step: Place;
}

export type SecretUseKind =
  /** `secrets: inherit` to a workflow of another repository. */
  | "inherited"
  /** `toJSON(secrets)`: every secret at once. */
  | "whole"
  /** In the workflow's own `env`, so that every step of every job gets it. */
  | "workflow-wide"
  /** Written to the log by `echo`. */
  | "printed"
  /** Written out in the file. */
  | "literal"
  /** The checkout's token stays in a folder that is uploaded as an artifact. */
  | "token-in-artifact"
  /** A key that does not end, where the service takes the workflow's own identity. */
  | "long-lived";

export interface SecretUse {
  readonly kind: SecretUseKind;
  readonly name: string;
  /** A clause; no secret value in it. */
  readonly what: string;
  /** The step that would have to keep it back, where that is another one. */
  readonly keeper?: Place;
  /** The secret that is written out, where it is one. */
  readonly value?: Sensitive;
  readonly place: Place;
}

export interface Runner {
  readonly job: string;
  readonly labels: readonly string[];
  readonly selfHosted: boolean;
  readonly place: Place;
}

export interface PrivilegedUse {
  /** A clause: `the service docker:dind runs an engine inside of the job`. */
  readonly what: string;
  readonly place: Place;
}

export interface CacheUse {
  readonly what: string;
  readonly place: Place;
}
