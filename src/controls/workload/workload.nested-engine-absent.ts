/**
 * An engine inside a container needs so many rights that the container is none.
 *
 * Reads:  image.reference, container.command and entrypoint (of the container that runs it)
 * Passes: the image is no container engine.
 */
import { seenStart, type Unseen } from "../../facts/command-words.ts";
import type { Image, ImageReference } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const nestedEngineAbsent = defineControl({
  id: "workload.nested-engine-absent",
  on: "image",
  severity: "medium",
  title: "No container engine runs inside a container",
  claim: "No container runs a container engine of its own.",
  threat: "Docker in Docker runs privileged: whoever may start a container in it has the host.",
  remedy:
    "Build and test on a machine of their own, or use the rootless variant (`docker:dind-rootless`), or a builder that needs no engine (BuildKit rootless, Buildah). Where only the client is wanted, name it: `docker:28-cli`.",
  judged:
    "Fails for Docker in Docker by image and tag. The rootless variant fails at low. Since Docker 23 a tag that names no variant (`docker:28`) is the engine too: it fails unless the command starts something else. An image that is built here is judged for what it is built on.",
  frameworks: {
    owaspDocker: ["D04", "D05"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W4"],
  },

  check(image, system) {
    const { reference } = image;
    if (reference.kind === "unknown")
      return cannotTell("the image", reference.why, { place: reference.place, severity: "info" });
    if (reference.kind === "unstated") return notApplicable("it is built here, and judged for what it is built on");
    const { place } = reference;
    const { text, tag = "" } = reference.value;
    const kind = kindOf(reference.value);
    if (kind === "other") return pass(`${text} is no container engine`, place);
    if (kind === "either") {
      const starts = startsEngine(image, system);
      if (starts === "no") return pass(`${text} is used as a client`, place);
      if (starts !== "yes")
        return cannotTell(`whether ${text} starts an engine`, starts.why, { place: starts.place, severity: "info" });
    }
    return fail(`the image ${text} is a container engine`, {
      place,
      ...(tag.includes("rootless") ? { severity: "low" } : {}),
    });
  },
});

/**
 * Since 23.0 the tags of Docker's image that name no variant, `latest` and `-git` are those of `-dind`; the client alone
 * is `-cli` (docker-library/docker pull requests 369 and 423).
 */
function kindOf({ repository, tag = "latest" }: ImageReference): "engine" | "either" | "other" {
  const name = repository.split("/").at(-1);
  if (name === "dind" || (name === "docker" && tag.includes("dind"))) return "engine";
  if (repository !== "library/docker" || /cli|windows/.test(tag)) return "other";
  const major = /^(\d{1,3})(?:\.|-|$)/.exec(tag)?.[1];
  return major === undefined || Number(major) >= 23 ? "either" : "other";
}

/** What the image's own entrypoint makes of no command, and of one that begins with an option (dockerd-entrypoint.sh). */
function startsEngine({ usedBy }: Image, system: System): "yes" | "no" | Unseen {
  const user = system.get<"container" | "repository-file" | "pipeline">(usedBy);
  if (user?.kind !== "container") return "no";
  const { words, hidden } = seenStart(user);
  if (hidden !== undefined) return hidden;
  const [first = "dockerd"] = words;
  return first.startsWith("-") || /(?:^|\/)dockerd(?:-entrypoint\.sh)?$/.test(first) ? "yes" : "no";
}
