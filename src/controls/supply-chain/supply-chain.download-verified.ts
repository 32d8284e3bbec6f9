/**
 * A build that runs what it downloads runs whatever is there that day.
 *
 * Reads:  repository-file.configuration (risks of a Dockerfile)
 * Passes: no download is run unseen, added without a checksum, or taken from whoever answers.
 */
import type { BuildRisk } from "../../facts/configuration/dockerfile.ts";
import { defineControl } from "../define.ts";
import { forbidRisks } from "../knowledge/build-risks.ts";

export const downloadVerified = defineControl({
  id: "supply-chain.download-verified",
  on: "repository-file",
  software: ["dockerfile"],
  severity: "medium",
  title: "What a build downloads is verified",
  claim: "No image is built from downloads that nothing verifies.",
  threat:
    "Whoever takes over the server, its name, or the way to it puts a program of theirs into the image, and nothing in the repository changes.",
  remedy:
    'Name the version, keep the checksum in the Dockerfile and verify it: `ADD --checksum=sha256:… URL DEST`, or `RUN curl -fsSLo tool URL && echo "SHA256  tool" | sha256sum -c`.',
  judged:
    "Fails at medium where certificates are not verified (`curl -k`, `--no-check-certificate`, `http.sslVerify false`, `--trusted-host`) and where a download over plain HTTP is run, or a key comes over it; at low for `curl … | sh` over HTTPS, for a download that is stored and then run by the same step (`curl -o x …; sh x`) with no checksum or signature verified in between, for a key that `apt-key` takes for every source, and for `ADD` of an address without `--checksum`. Addresses of the container itself pass.",
  limits: "What is unpacked from an archive, or run by another step, is not followed.",
  frameworks: { cisDocker: ["4.9", "4.11"], owaspDocker: ["D08"], nistCsf: ["ID.RA-09", "GV.SC-07"], coverage: ["V3"] },
  exposureMatters: false,

  check(file) {
    return forbidRisks(
      file,
      {
        "certificates-unverified": "medium",
        "certificates-unverified-at-run": { inImage: "medium", elsewhere: "medium", seenInContainer: true },
        "plain-download-run": "medium",
        "plain-key-unverified": "medium",
        "download-run": "low",
        "key-unverified": "low",
        "unverified-download": "low",
      },
      "no download is taken unverified",
      { remedyFor },
    );
  },
});

function remedyFor({ kind }: BuildRisk): string | undefined {
  return kind === "certificates-unverified" || kind === "certificates-unverified-at-run"
    ? "Remove the switch. For an authority of your own, copy its certificate to `/usr/local/share/ca-certificates/` and run `update-ca-certificates`."
    : undefined;
}
