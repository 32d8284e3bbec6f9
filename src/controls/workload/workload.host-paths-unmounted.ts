/**
 * A mounted piece of the host is a piece of the host that the container's intruder has.
 *
 * Reads:  mount.type, mount.source, mount.readOnly, container.user; image.reference, listener.port (who ends TLS)
 * Passes: the path holds nothing of the host's own, or is mounted read-only where reading it gives nothing away.
 */
import { compareSeverity, type Judgement, type Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Mount } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { hostPathOf, isEngineSocket, normalizePath, shownPath } from "../knowledge/engine-socket.ts";
import { type HostPathDanger, hostPathDanger } from "../knowledge/host-paths.ts";
import { isNobodyToHost } from "../knowledge/nobody.ts";
import { unlessNodePart } from "../knowledge/node-parts.ts";
import { endsTls, fetchesCertificates } from "../knowledge/tls-ends.ts";

export const hostPathsUnmounted = defineControl({
  id: "workload.host-paths-unmounted",
  on: "mount",
  severity: "high",
  title: "Sensitive paths of the host stay outside",
  claim: "No container holds a path of the host that would give the host away.",
  threat:
    "Writing to the host's `/etc`, `/root` or the engine's data is root on the host; reading them gives away password hashes, keys and the files of every other container.",
  remedy:
    "Mount only the folder that the service needs, under the stack's own folder, or a named volume. Where the host itself must be read (Node Exporter, log shippers), add `:ro` and record it: `# ringwall-ignore workload.host-paths-unmounted: reason`.",
  remedies: {
    incus:
      'Use a volume (`incus_storage_volume` and a disk with `pool` and `source`) in place of the path of the host. Where the host itself must be read, add `readonly = "true"`, leave `shift` out, and record it: `# ringwall-ignore workload.host-paths-unmounted: reason`.',
    kubernetes:
      "Use a PersistentVolumeClaim, a ConfigMap or an `emptyDir` in place of the `hostPath` volume. Where the node itself must be read (Node Exporter, log shippers), add `readOnly: true` to the mount and record it: `# ringwall-ignore workload.host-paths-unmounted: reason`.",
  },
  judged:
    "Graded by path, and by whether it is writable: `/` critical writable and high read-only; `/etc`, `/boot`, `/proc`, `/root`, the engine's data critical writable; SSH keys and credentials high even read-only; `/etc/localtime` and its like pass read-only; `/etc/letsencrypt` low for what ends TLS and so needs its key (proxies, servers of mail, whoever publishes 443 and its like) read-only, and for what fetches certificates. Whoever is nobody to the host's files (the users of an unprivileged Incus container without `shift`, a user from 65532, node-exporter by its image): medium writable, low read-only. Docker's own engine socket has a control of its own. On Kubernetes not applicable to a part of the node that cannot do without (node-exporter, a CSI driver, by their images). Unknown when the path cannot be resolved.",
  limits: "Links on the host are not followed. What lies in an ordinary folder is not known.",
  frameworks: {
    cisDocker: ["5.6"],
    owaspDocker: ["D04", "D05"],
    cisKubernetes: ["5.2.12"],
    podSecurity: ["baseline/hostPathVolumes"],
    nsaKubernetes: ["no-host-namespaces"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W6"],
  },

  check(mount, system) {
    if (mount.type.kind === "unknown") return cannotTell("whether the host's files are mounted", mount.type.why);
    if (mount.type.kind === "unstated" || mount.type.value !== "bind") return notApplicable("not a path of the host");
    if (mount.source.kind === "unknown") {
      return cannotTell("the path that is mounted", mount.source.why, { place: mount.source.place });
    }
    if (mount.source.kind === "unstated") return cannotTell("the path that is mounted", "it is not stated");
    const path = normalizePath(mount.source.value);
    if (isEngineSocket(path) || path === "/run") return notApplicable("workload.engine-socket-unmounted judges it");
    if (path !== "/" && wholeHostIsMounted(mount, system)) {
      return notApplicable("the whole of the host is mounted into the same container, which is reported");
    }
    const danger = hostPathDanger(path);
    if (danger?.forTls === true) return unlessNodePart(judgeKeys(mount, path, danger, system), mount, system);
    return danger === undefined
      ? pass(`nothing is known against ${path}`, mount.source.place)
      : unlessNodePart(judge(mount, path, danger, isNobody(mount, system)), mount, system);
  },
});

/** Whether `/` is mounted beside it, no less writable. */
function wholeHostIsMounted(mount: Mount, system: System): boolean {
  return system.ownedBy(mount.owner, "mount").some((other) => {
    if (other === mount || hostPathOf(other) !== "/") return false;
    return knownValue(other.readOnly) === false || knownValue(mount.readOnly) === true;
  });
}

function isNobody({ asNobody, owner }: Mount, system: System): boolean {
  const container = system.get(owner);
  const isMapped = asNobody !== undefined && knownValue(asNobody) === true;
  return isMapped || (container !== undefined && isNobodyToHost(container, system));
}

/**
 * Where the container's users are nobody to the owners of the files, only what everybody on the host may read or write is
 * open to them.
 */
function asSeen(worst: Severity, isReadOnly: boolean): Severity {
  const most: Severity = isReadOnly ? "low" : "medium";
  return compareSeverity(worst, most) > 0 ? most : worst;
}

function judge(mount: Mount, path: string, danger: HostPathDanger, nobody: boolean): Judgement {
  const extras = { place: mount.place, detail: path };
  const { readOnly } = mount;
  if (readOnly.kind === "unknown") {
    return cannotTell(`whether ${path} is mounted read-only`, readOnly.why, extras);
  }
  const isReadOnly = readOnly.kind !== "unstated" && readOnly.value;
  const worst = isReadOnly ? danger.read : danger.write;
  const severity = worst === undefined ? undefined : nobody ? asSeen(worst, isReadOnly) : worst;
  if (severity === undefined) return pass(`${path} is mounted ${isReadOnly ? "read-only" : "writable"}`, mount.place);
  const message = `${shownPath(path)} of the host is mounted ${isReadOnly ? "read-only" : "writable"}: ${danger.holds}`;
  const remedy =
    danger.read === undefined && !isReadOnly
      ? mount.platform === "kubernetes"
        ? `Add \`readOnly: true\` to the mount of ${shownPath(path)}; the service only reads it.`
        : `Add \`:ro\` to the mount of ${shownPath(path)}; the service only reads it.`
      : undefined;
  return fail(message, {
    ...extras,
    severity,
    ...(nobody ? { settled: true } : {}),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** The keys of certificates, which those need who end TLS; others read them for nothing. */
function judgeKeys(mount: Mount, path: string, danger: HostPathDanger, system: System): Judgement {
  const judgement = judge(mount, path, danger, isNobody(mount, system));
  const workload = system.workloadOf(mount);
  if (judgement.verdict !== "fail" || workload === undefined) return judgement;
  const needed = fetchesCertificates(workload, system)
    ? "it fetches certificates and keeps their keys there"
    : knownValue(mount.readOnly) === true && endsTls(workload, system)
      ? "it ends TLS, and needs the key of its own certificate"
      : undefined;
  return needed === undefined
    ? judgement
    : {
        ...judgement,
        message: `${judgement.message}; ${needed}`,
        severity: "low",
        settled: true,
        remedy: `Mount the folder of its own certificate alone (\`${path}/live/NAME\` and \`${path}/archive/NAME\`), where the host keeps others beside it.`,
      };
}
