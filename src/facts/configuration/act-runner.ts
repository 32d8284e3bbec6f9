import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";

/**
 * What the configuration of a runner of Gitea (`act_runner`) or Forgejo gives to the jobs that it runs.
 *
 * Source: Gitea act_runner 0.2 and Forgejo runner 6, `config.example.yaml`.
 */
export interface ActRunnerConfiguration {
  readonly software: "act-runner";
  /** Whether every job's container has all rights. */
  readonly privileged: Fact<boolean>;
  /** Paths of the host that a job may mount, as patterns. */
  readonly volumes: FactList<{ readonly pattern: string; readonly place: Place }>;
  /** What is added to `docker run` for every job (`--privileged -v /var/run/docker.sock:…`). */
  readonly options: Fact<string>;
  /** The network that jobs are in; empty for one of their own. */
  readonly network: Fact<string>;
  /** The engine that jobs are started with; `automount` and a socket are given to the jobs too. */
  readonly engine: Fact<string>;
}
