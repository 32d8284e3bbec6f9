/**
 * What a runner gives to its jobs it gives to whoever may change a workflow, and to every package that one installs.
 *
 * Reads:  repository-file.configuration (Gitea's and Forgejo's runner: privileged, valid_volumes, options, network, docker_host)
 * Passes: a job gets neither all rights nor the host's disk, engine or network.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { ActRunnerConfiguration } from "../../facts/configuration/act-runner.ts";
import type { Fact } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { all, cannotTell, fail, forbidAny, notApplicable, pass } from "../judge.ts";

export const runnerConfined = defineControl({
  id: "supply-chain.runner-confined",
  on: "repository-file",
  software: ["act-runner"],
  severity: "medium",
  title: "A runner keeps its jobs within their containers",
  claim: "A runner gives its jobs neither all rights nor the host's disk, engine or network.",
  threat:
    "Whoever may change a workflow, or hijacks one package that a job installs, mounts the runner's disk, is root on it, and stays for the next job.",
  remedy:
    "Set `privileged: false` and name in `valid_volumes` the folders that jobs need, such as a cache. Build images without an engine in the job (Buildah, BuildKit without root), or give the runner an engine of its own without root (the `dind-rootless` image) on a machine that holds nothing else.",
  judged:
    "Fails for `privileged: true`, for `valid_volumes` that let a job mount every path of the host (`**`, `/**`) or the engine's socket, for `options` that give all rights, the host's disk or the socket, and for a `docker_host` that is handed to the jobs (`automount`, a socket); low for `network: host`. Unknown when such a value cannot be resolved.",
  limits:
    "An empty `docker_host` hands the socket to jobs in Gitea's runner and does not in Forgejo's; it is not judged. Labels that run jobs without a container (`:host`) are not judged.",
  frameworks: { owaspDocker: ["D04", "D08"], nistCsf: ["PR.IR-01", "PR.PS-06"], zeroTrust: ["3"], coverage: ["P6"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Jobs that start an engine of their own, or ask for devices, no longer do.",
    onlyNamed: true,
    edits: (_file, _system, judgement) =>
      judgement.detail === "privileged" ? wordAt(judgement, "true|yes|on", "false") : undefined,
  },

  check({ configuration }) {
    if (configuration?.software !== "act-runner") return notApplicable("it configures no runner");
    const judged = all(
      judgeFact("privileged", configuration.privileged, (on) =>
        on ? "every job's container has all rights" : undefined,
      ),
      judgeVolumes(configuration),
      judgeFact("options", configuration.options, optionsGive),
      judgeFact("docker_host", configuration.engine, engineGives),
      judgeFact(
        "network",
        configuration.network,
        (name) => (name === "host" ? "jobs are in the host's network" : undefined),
        "low",
      ),
    );
    const found = judged.filter(({ verdict }) => verdict !== "pass");
    return found.length > 0 ? found : [pass("jobs stay within their containers", configuration.privileged.place)];
  },
});

function judgeFact<T>(
  key: string,
  fact: Fact<T>,
  gives: (value: T) => string | undefined,
  severity: Severity = "medium",
): Judgement {
  const extras = { place: fact.place, detail: key, severity, apart: key };
  if (fact.kind === "unknown")
    return cannotTell(`what \`${key}\` gives to jobs`, fact.why, { ...extras, severity: "low" });
  const given = fact.kind === "unstated" ? undefined : gives(fact.value);
  return given === undefined
    ? pass(`\`${key}\` gives nothing away`, fact.place)
    : fail(`${given} (\`${key}\`)`, extras);
}

/** Patterns that take every path, the root, or the folders that are the host. */
const everyPath = /^(?:\/?\*\*(?:\/\*{0,2})?|\/\*?|\/(?:etc|root|var|var\/lib|var\/run|run)(?:\/\*{1,2})?)$/;
const engineSocket = /\b(?:docker|podman|containerd)\.sock\b/;

function judgeVolumes({ volumes }: ActRunnerConfiguration): readonly Judgement[] {
  return forbidAny(
    volumes,
    ({ pattern, place }) => {
      const extras = { place, detail: `volume ${pattern}`, apart: "volumes" };
      if (engineSocket.test(pattern))
        return fail(`jobs may mount the engine's socket ${pattern} (\`valid_volumes\`)`, extras);
      return everyPath.test(pattern.trim())
        ? fail(
            `jobs may mount ${/\*\*$/.test(pattern) && pattern.length < 4 ? "every path" : pattern} of the host (\`valid_volumes\`)`,
            extras,
          )
        : undefined;
    },
    { what: "the list of paths that jobs may mount", none: "jobs may mount no path that is the host's" },
  );
}

function optionsGive(text: string): string | undefined {
  const options = ` ${text.slice(0, 10_000)} `;
  if (/\s--privileged(?:=true)?\s/.test(options)) return "every job's container has all rights";
  if (engineSocket.test(options)) return "every job has the engine's socket";
  if (/\s(?:-v|--volume)[= ]?["']?\/:/.test(options)) return "every job has the host's disk";
  return /\s--(?:pid|network|net)[= ]host\s/.test(options) ? "jobs are in a namespace of the host" : undefined;
}

function engineGives(address: string): string | undefined {
  return address === "automount" || address.startsWith("unix://") ? "every job has the engine's socket" : undefined;
}
