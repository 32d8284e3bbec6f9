/**
 * A pipeline that runs what it downloads gives its token and secrets to whatever is there that day.
 *
 * Reads:  pipeline.workflow.commands
 * Passes: no script runs a download as it comes, or takes any certificate or unsigned packages.
 */
import { defineControl } from "../define.ts";
import { forbidAny } from "../judge.ts";
import { judgeDownload } from "../knowledge/download-risks.ts";
import { isJudgement, workflowOf } from "../knowledge/workflows.ts";

export const pipelineDownloadVerified = defineControl({
  id: "supply-chain.pipeline-download-verified",
  on: "pipeline",
  severity: "low",
  title: "Pipelines verify what they download",
  claim: "No workflow runs downloads that nothing verifies.",
  threat:
    "Whoever takes over the server, or the way to it, runs commands with the workflow's token and secrets, and nothing in the repository changes.",
  remedy:
    'Use an action pinned by commit that installs the program, or name the version and verify its checksum: `curl -fsSLo tool URL && echo "SHA256  tool" | sha256sum -c`.',
  judged:
    "Of the scripts of steps. Fails at low for `curl … | sh`, for a download that is stored and then run by the same script (`curl -o x …; sh x`) with no checksum or signature verified in between, and for a key that `apt-key` takes for every source; at medium over plain HTTP, without verified certificates (`curl -k`) or without signatures of packages. Addresses of the runner itself pass.",
  limits: "What is unpacked from an archive, or run by another step, is not followed.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["GV.SC-07", "ID.RA-09"], coverage: ["V3"] },
  exposureMatters: false,

  check(pipeline) {
    const workflow = workflowOf(pipeline);
    if (isJudgement(workflow)) return workflow;
    return forbidAny(workflow.commands, judgeDownload, {
      what: "the list of scripts",
      none: "no download is run unverified",
    });
  },
});
