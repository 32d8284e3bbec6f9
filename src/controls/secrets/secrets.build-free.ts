/**
 * What is given to a build as an argument stays in the image's history for everybody who pulls it.
 *
 * Reads:  secret-reference.delivery, secret-reference.plaintextSource
 * Passes: no secret goes into a build as an argument.
 */
import { defineControl } from "../define.ts";
import { forbid, pass } from "../judge.ts";

export const buildFree = defineControl({
  id: "secrets.build-free",
  on: "secret-reference",
  platforms: ["compose"],
  severity: "high",
  title: "No secret is a build argument",
  claim: "No secret goes into an image's build as an argument.",
  threat: "`docker history` shows build arguments to everybody who has the image.",
  remedy:
    "Use a build secret: `build: { secrets: [token] }` with `RUN --mount=type=secret,id=token` in the Dockerfile, and replace the secret that was in the image.",
  judged:
    "Fails for build arguments whose name or value looks like a secret. Secrets that are delivered otherwise pass. Unknown when the delivery cannot be resolved.",
  frameworks: { cisDocker: ["4.10"], owaspDocker: ["D06"], nistCsf: ["PR.DS-10"], coverage: ["S2"] },
  exposureMatters: false,

  check(reference) {
    const { delivery } = reference;
    if ((delivery.kind === "stated" || delivery.kind === "defaulted") && delivery.value !== "build") {
      return pass("it does not go into a build", delivery.place);
    }
    return forbid(delivery, (way) => way === "build", {
      what: `the delivery of ${reference.secret.replace(/^build\./, "")}`,
      show: () => "by a build argument",
    });
  },
});
