/**
 * A machine that runs what it downloads when it first starts is made anew from whatever is there that day.
 *
 * Reads:  workload.incus.startCommands
 * Passes: no command of its first start runs a download as it comes, or takes any certificate or unsigned packages.
 */
import { defineControl } from "../define.ts";
import { forbidAny, notApplicable } from "../judge.ts";
import { judgeDownload } from "../knowledge/download-risks.ts";

export const firstStartDownloadVerified = defineControl({
  id: "supply-chain.first-start-download-verified",
  on: "workload",
  platforms: ["incus"],
  severity: "low",
  title: "What an instance downloads at its first start is verified",
  claim: "No instance runs downloads that nothing verifies when it first starts.",
  threat:
    "Whoever takes over the server, its name, or the way to it is root on every instance that is made from then on, and nothing in the repository changes.",
  remedy:
    'Install it as a package, from a repository whose key is in `apt.sources`; or name the version and verify its checksum: `curl -fsSLo tool URL && echo "SHA256  tool" | sha256sum -c`. Or have it in the image already.',
  judged:
    "Of `runcmd` and `bootcmd` in cloud-init's user and vendor data, of shell scripts in their place, and of `exec` of the resource. Fails at low for `curl … | sh` over HTTPS, for a download that is stored and then run (`curl -o x …; sh x`) with no checksum or signature verified in between, and for a key that `apt-key` takes for every source; at medium over plain HTTP, without verified certificates (`curl -k`) or without signatures of packages. Unknown when a value cannot be resolved.",
  limits:
    "What is unpacked from an archive, and from then on run, is not followed. Files that cloud-init writes are not read.",
  frameworks: { nistCsf: ["GV.SC-07", "ID.RA-09"], coverage: ["V3"] },
  exposureMatters: false,

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus instance");
    return forbidAny(incus.startCommands, judgeDownload, {
      what: "what it runs at its first start",
      none: "no download is run unverified",
    });
  },
});
