/**
 * Root inside a container is root outside of it as soon as anything between gives way.
 *
 * Reads:  container.user, container.environment (PUID)
 * Passes: a user other than 0 is stated, or known from the image, component or kernel.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container, UserIdentity } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, demand, fail, notApplicable } from "../judge.ts";
import { hooksOf } from "../knowledge/hooks.ts";
import { unlessNodePart } from "../knowledge/node-parts.ts";
import { termFor, unlessGuest } from "../knowledge/platform-terms.ts";

export const userUnprivileged = defineControl({
  id: "workload.user-unprivileged",
  on: "container",
  severity: "medium",
  title: "Containers run as a user of their own, not as root",
  claim: "Every container runs as a user that is not root.",
  threat:
    "Root in the container owns every file that is mounted into it and needs one hole in the kernel or the engine to be root on the host.",
  remedy:
    'State the user that the image is made for, for example `user: "1000:1000"`, and give it the folders and volumes that it writes. Images that take `PUID` and `PGID` start as root and drop to them: where the image has a rootless mode, use it.',
  remedies: {
    incus:
      'Add `"oci.uid" = "1000"` and `"oci.gid" = "1000"` with the user that the image is made for, and give its volumes to it: `"initial.uid" = "1000"`.',
    kubernetes:
      "Add `securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 }` to the pod, with the user that the image is made for. `fsGroup` gives the pod's volumes to its group. Where root is needed, `hostUsers: false` makes it nobody on the node (1.33 and later).",
  },
  judged:
    "Fails when the user is 0 or root, and when no user is stated, for then the image decides, and most decide for root; what the Dockerfile decides that the image is built from counts as stated. With `PUID` or `USER_UID` set to another user it fails at low, because the image starts as root but is meant to drop to that user; so does root in a pod with user namespaces of its own (`hostUsers: false`), who is nobody on the node, and in an unprivileged Incus container that runs an OCI image. A whole system in a container has an init that must be root, and a virtual machine's users are its own: neither is judged. `runAsNonRoot` passes: the kubelet refuses to start root. On Windows `windowsOptions.runAsUserName` states the user: ContainerAdministrator and SYSTEM fail. Not applicable to a part of a cluster's node. Unknown when the value cannot be resolved.",
  limits: "What a running container's processes really are is read by `ringwall probe`.",
  frameworks: {
    cisDocker: ["4.1"],
    owaspDocker: ["D01"],
    cisKubernetes: ["5.2.7"],
    podSecurity: ["restricted/runAsNonRoot", "restricted/runAsUser"],
    nsaKubernetes: ["non-root"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.AA-05"],
    coverage: ["W1"],
  },
  exposureMatters: false,

  check(container, system) {
    const judged = judgeOwn(container, system);
    // A hook that is root beside a program that is root is nothing more.
    return [judged].flat().some(({ verdict }) => verdict === "fail")
      ? judged
      : all(judged, hooksAsRoot(container, system));
  },
});

function judgeOwn(container: Container, system: System): Judgement | readonly Judgement[] {
  const outside = notTheImages(container, system);
  if (outside !== undefined) return outside;
  const { user } = container;
  const startsAsRoot = user.kind === "unstated" || (user.kind === "defaulted" && !isUnprivileged(user.value));
  const drop = startsAsRoot ? userItDropsTo(container) : undefined;
  if (drop !== undefined && drop.user !== "0") {
    return fail(
      `${termOf(container)} is not stated; ${drop.by} says that the image drops to ${drop.user} after it has started as root`,
      {
        place: container.user.place,
        severity: "low",
      },
    );
  }
  const judged = drop === undefined ? whatIsStated(container) : staysRoot(container, drop);
  const judgement = remedied(judged, container, drop === undefined);
  return judgement.verdict === "fail" && hasOwnUsers(container, system)
    ? { ...judgement, severity: "low" }
    : unlessNodePart(judgement, container, system);
}

/** Work of a moment, such as giving a volume to the service's user. */
function hooksAsRoot(container: Container, system: System): readonly Judgement[] {
  return hooksOf(container, system).flatMap(({ name, user }) => {
    if (user.kind === "unstated") return [];
    const judged = demand(user, isUnprivileged, {
      what: `the user of the hook \`${name}\``,
      show: (value) => value.text,
      detail: name,
    });
    return judged.verdict === "pass" ? [] : [{ ...judged, severity: "low" as const, remedy: forHooks }];
  });
}

const forHooks =
  "Remove `user` from the hook, so that it runs as the service does; where it prepares a volume, let the image or the folder on the host have the right owner from the beginning.";

/** What mends it, where that is not what mends most. */
function remedied(judged: Judgement, container: Container, byUser: boolean): Judgement {
  if (judged.verdict !== "fail") return judged;
  if (container.kubernetes?.windows === true) return { ...judged, remedy: onWindows };
  return byUser && isBuiltHere(container.user) ? { ...judged, remedy: inDockerfile } : judged;
}

const onWindows =
  "Add `securityContext: { runAsNonRoot: true, windowsOptions: { runAsUserName: ContainerUser } }` to the pod, and give that user the folders that it writes in the image.";

function whatIsStated(container: Container): Judgement {
  return demand(container.user, isUnprivileged, {
    what: termOf(container),
    show: (user) => user.text,
    unstated: `${container.platform === "kubernetes" ? "nor `runAsNonRoot`, " : ""}and the image decides`,
  });
}

/** Root is written out for an image that would drop to whom it is told. */
function staysRoot(container: Container, { by, place }: Drop): Judgement {
  const message = `${termOf(container)} is not stated, and ${by} is 0: the image that would drop to another user stays root`;
  const remedy = `Set \`${by}\` to the number of the user who owns the files that it works with, for example \`"1000"\`, and the variable of its group likewise.`;
  return fail(message, { place, remedy, apart: "told to stay root" });
}

/** Known from the Dockerfile that the service is built from. */
function isBuiltHere(user: Container["user"]): boolean {
  return user.kind === "defaulted" && user.by === "image";
}

const inDockerfile =
  'Write `USER` with a user of its own at the end of the Dockerfile, for example `RUN useradd -r -u 10001 app` and `USER 10001`, or state `user: "10001:10001"` where it runs, and give it the folders and volumes that it writes.';

function termOf(container: Container): string {
  if (container.kubernetes?.windows === true) return "`windowsOptions.runAsUserName`";
  return termFor(container, { kubernetes: container.user.kind === "unstated" ? "`runAsUser`" : "the user" }, "user");
}

/** Kubernetes and Incus give users of its own to one workload; Docker does it for a whole engine. */
function hasOwnUsers(container: Container, system: System): boolean {
  const workload = system.workloadOf(container);
  return workload !== undefined && workload.platform !== "compose" && knownValue(workload.hostUsers) === false;
}

/** An init system has to be root among its own users, and a guest's users are no concern of the host's. */
function notTheImages(container: Container, system: System): Judgement | undefined {
  const kind = system.workloadOf(container)?.incus?.instanceKind;
  if (kind === undefined) return undefined;
  if (kind.kind === "unknown") {
    return cannotTell("whether it runs one program or a whole system", kind.why, {
      place: kind.place,
      severity: "low",
    });
  }
  if (knownValue(kind) === "system") return notApplicable("a whole system, whose init is root among its own users");
  return unlessGuest(container, system);
}

function isUnprivileged(user: UserIdentity): boolean {
  if (user.administrator === true) return false;
  if (user.neverRoot === true) return true;
  if (user.uid !== undefined) return user.uid !== 0;
  return user.name !== undefined && user.name !== "" && user.name !== "root";
}

interface Drop {
  readonly by: string;
  readonly user: string;
  readonly place: Place;
}

/** The user that an image drops to, by the variable that says so; 0 where that is root. */
function userItDropsTo(container: Container): Drop | undefined {
  const variable = container.environment.items.find(({ name }) => name === "PUID" || name === "USER_UID");
  const value = variable === undefined ? undefined : knownValue(variable.value)?.reveal().trim();
  if (variable === undefined || value === undefined || !/^\d{1,10}$/.test(value)) return undefined;
  return { by: variable.name, user: String(Number(value)), place: variable.place };
}
