/**
 * An engine inside a container needs so many rights that the container is none.
 *
 * Reads:  image.reference
 * Passes: the image is no container engine.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, pass } from "../judge.ts";

export const nestedEngineAbsent = defineControl({
  id: "workload.nested-engine-absent",
  on: "image",
  severity: "medium",
  title: "No container engine runs inside a container",
  claim: "No container runs a container engine of its own.",
  threat: "Docker in Docker runs privileged: whoever may start a container in it has the host.",
  remedy:
    "Build and test on a machine of their own, or use the rootless variant (`docker:dind-rootless`), or a builder that needs no engine (BuildKit rootless, Buildah).",
  judged: "Fails for Docker in Docker by image and tag. The rootless variant fails at low.",
  frameworks: {
    cisDocker: ["5.5"],
    owaspDocker: ["D04", "D05"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },

  check({ reference }) {
    if (reference.kind === "unknown")
      return cannotTell("the image", reference.why, { place: reference.place, severity: "info" });
    if (reference.kind === "unstated") return pass("it is built here");
    const { repository, tag = "", text } = reference.value;
    const last = repository.split("/").at(-1) ?? "";
    const nested = last === "dind" || (/^docker$/.test(last) && /dind/.test(tag));
    if (!nested) return pass(`${text} is no container engine`, reference.place);
    const rootless = /rootless/.test(tag);
    return fail(`the image ${text} is a container engine`, {
      place: reference.place,
      ...(rootless ? { severity: "low" } : {}),
    });
  },
});
