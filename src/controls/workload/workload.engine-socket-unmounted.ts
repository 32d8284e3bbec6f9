/**
 * Whoever can write to the engine's socket starts a privileged container and owns the host.
 *
 * Reads:  mount.type, mount.source, container.image (of its owner)
 * Passes: the mount hands over no engine socket, neither itself nor inside a folder.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import type { Mount } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { throughSocketProxy } from "../knowledge/engine-consumers.ts";
import { handsOverEngineSocket, isEngineSocket, normalizePath } from "../knowledge/engine-socket.ts";
import { unlessNodePart } from "../knowledge/node-parts.ts";
import { productOf } from "../knowledge/products.ts";

export const engineSocketUnmounted = defineControl({
  id: "workload.engine-socket-unmounted",
  on: "mount",
  severity: "critical",
  title: "The engine's socket is mounted into no container",
  claim: "No container but a filtering socket proxy holds the container engine's socket.",
  threat:
    "The socket takes orders from whoever can open it: a hole in the program that holds it starts a privileged container with the host's disk. Mounting it read-only changes nothing, for orders are not files.",
  remedy: throughSocketProxy([]),
  remedies: {
    incus:
      "Remove the disk or proxy device that hands the socket in. What must command Incus speaks to its API over HTTPS, with a certificate that is restricted to the projects it needs (`restricted = true`, `projects = [...]`).",
    kubernetes:
      "Remove the `hostPath` volume. What wants to know about pods asks the Kubernetes API as a service account with the rights it needs; what wants logs or metrics asks the kubelet; what builds images uses a builder without an engine (BuildKit rootless, Buildah).",
  },
  judged:
    "Fails for a bind of an engine's socket (Docker, Podman, containerd, CRI-O, LXD, Incus) or of a folder that holds one (`/run`, `/var/run`), read-only or not; `/` and `/var` are left to workload.host-paths-unmounted. A known socket proxy is judged too, at low: it is the one place where the mount is needed, and is to be recorded as an exception; what it lets through is workload.engine-proxy-filters's; not applicable to a part of a cluster's node that works with its engine. In an unprivileged Incus container without `shift` it is medium: the container's users are nobody to the socket's owner. Unknown when the source cannot be resolved.",
  limits: "A socket at an unusual path is not recognised, and links on the host are not followed.",
  frameworks: {
    cisDocker: ["5.32"],
    owaspDocker: ["D03", "D04"],
    cisKubernetes: ["5.2.12"],
    podSecurity: ["baseline/hostPathVolumes"],
    nsaKubernetes: ["no-host-namespaces"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.AA-05"],
    coverage: ["N7", "W6"],
  },

  check(mount, system) {
    if (mount.type.kind === "unknown")
      return cannotTell("whether the host's files are mounted", mount.type.why, { severity: "medium" });
    if (mount.type.kind === "unstated" || mount.type.value !== "bind") return notApplicable("not a path of the host");
    if (mount.source.kind === "unknown") {
      return cannotTell("the path that is mounted", mount.source.why, {
        place: mount.source.place,
        severity: "medium",
      });
    }
    if (mount.source.kind === "unstated") return cannotTell("the path that is mounted", "it is not stated");
    const path = normalizePath(mount.source.value);
    if (path === "/" || path === "/var") return notApplicable("workload.host-paths-unmounted judges it");
    if (!handsOverEngineSocket(path)) return pass(`${path} holds no engine socket`, mount.source.place);
    const nobody = mount.asNobody !== undefined && knownValue(mount.asNobody) === true;
    const extras = isForSocketProxy(mount, system) ? proxyCase : nobody ? { severity: "medium" as const } : {};
    const message = extras === proxyCase ? `${messageFor(path)} in the proxy that filters it` : messageFor(path);
    const own = consumerRemedy(mount, system);
    const judgement = fail(message, { place: mount.source.place, detail: path, ...own, ...extras });
    return unlessNodePart(judgement, mount, system);
  },
});

/** What the remedy itself asks for: told, so that it is looked at and recorded, and no alarm. */
const proxyCase = {
  severity: "low",
  settled: true,
  remedy:
    "Keep the mount on this proxy alone, allow it only the calls that its consumers need, publish none of its ports, and record it: `# ringwall-ignore workload.engine-socket-unmounted: the socket proxy needs it`.",
} as const;

function messageFor(path: string): string {
  return isEngineSocket(path)
    ? `the engine's socket ${path} is mounted`
    : `${path} is mounted, and the engine's socket lies under it`;
}

/** Some programs are not told by `DOCKER_HOST` where the engine is. */
function consumerRemedy(mount: Mount, system: System): Pick<Judgement, "remedy"> {
  const container = mount.platform === "compose" ? system.get(mount.owner) : undefined;
  return container === undefined ? {} : { remedy: throughSocketProxy(rolesOf(container, system).software) };
}

function isForSocketProxy(mount: Mount, system: System): boolean {
  const workload = system.workloadOf(mount);
  return workload !== undefined && productOf(workload, system).roles.has("socket-proxy");
}
