/**
 * A container with all rights is its machine: what a job runs reaches the runner, and every later job on it.
 *
 * Reads:  pipeline.workflow.privileged
 * Passes: no container of a job asks for all rights.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny } from "../judge.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const jobUnprivileged = defineControl({
  id: "supply-chain.job-unprivileged",
  on: "pipeline",
  severity: "low",
  title: "Jobs of pipelines need no privileged container",
  claim: "No job needs a runner that gives its containers all rights.",
  threat:
    "A hijacked dependency in any job of that runner mounts the machine's disk, reads what other projects build there, and stays.",
  remedy:
    "Build images without an engine in the job: Buildah or BuildKit without root, on GitLab with `image: quay.io/buildah/stable`. Where Docker-in-Docker has to be, give it a runner of its own whose machine is thrown away after each job.",
  judged:
    "Fails for a service `docker:dind` of GitLab CI, which runs only where the runner is set to `privileged = true`, and for `--privileged` among the `options` of a container or service of GitHub Actions. `dind-rootless` is left out.",
  limits:
    "Hosted runners that throw each machine away lose little by it; which runner takes the job is not in the file.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["PR.IR-01", "PR.PS-06"], coverage: ["P6"] },
  exposureMatters: false,

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    return forbidAny(
      workflow.privileged,
      ({ what, place }) => fail(`${what}, which needs all rights over the runner's machine`, { place, detail: what }),
      { what: "the list of jobs", none: "no job asks for all rights" },
    );
  },
});
