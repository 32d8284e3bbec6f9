/**
 * A machine that runs what it downloads when it first starts is made anew from whatever is there that day.
 *
 * Reads:  repository-file.configuration (risks of a file for cloud-init)
 * Passes: nothing of its first start runs a download as it comes, or takes any certificate, key or unsigned package.
 */
import { defineControl } from "../define.ts";
import { forbidAny, notApplicable } from "../judge.ts";
import { judgeDownload } from "../knowledge/download-risks.ts";

export const machineStartDownloadVerified = defineControl({
  id: "supply-chain.machine-start-download-verified",
  on: "repository-file",
  software: ["cloud-init"],
  severity: "low",
  title: "What a machine downloads at its first start is verified",
  claim: "No machine runs downloads that nothing verifies when it is installed or first starts.",
  threat:
    "Whoever takes over the server, its name, or the way to it is root on every machine that is made from then on, and nothing in the repository changes.",
  remedy:
    'Install it as a package, from a repository whose key is in `apt.sources`; or name the version and verify its checksum: `curl -fsSLo tool URL && echo "SHA256  tool" | sha256sum -c`. Or have it in the image already.',
  judged:
    "Of files for cloud-init and Ubuntu's installer that no instance of Incus is seen to use, and of such texts that OpenTofu hands to machines, or runs on them (`remote-exec`): `runcmd`, `bootcmd`, `early-commands`, `late-commands`, shell scripts in their place, and the sources of packages that they add. Fails at low for `curl … | sh` over HTTPS, for a download that is stored and then run with no checksum or signature verified in between, for what an `#include` fetches, and for a key that `apt-key` takes for every source; at medium over plain HTTP, without verified certificates (`curl -k`), and for sources whose signatures nobody looks at (`[trusted=yes]`, `gpgcheck: false`). Unknown where a template decides which commands there are.",
  limits:
    "What is unpacked from an archive, and from then on run, is not followed. Scripts that it writes are not read.",
  frameworks: { nistCsf: ["GV.SC-07", "ID.RA-09"], coverage: ["V3"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "cloud-init") return notApplicable("no machine's first start");
    const judgements = forbidAny(configuration.risks, judgeDownload, {
      what: "what runs at the first start",
      none: "no download is run unverified",
    });
    return judgements.map((one) => (one.verdict === "unknown" ? { ...one, severity: "info" as const } : one));
  },
});
