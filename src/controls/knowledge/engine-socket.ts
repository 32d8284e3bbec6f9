import { knownValue } from "../../facts/fact.ts";
import type { Mount } from "../../facts/subjects.ts";

/** Sockets by which an engine or its runtime takes orders; whoever writes to one is root on the host. */
const sockets =
  /\/(?:docker|podman|containerd|crio|incus|lxd|buildkitd|cri-dockerd)(?:\.sock|\/(?:[^/]+\/)*unix\.socket)$|\/(?:docker|podman|containerd|crio|buildkit)\/[^/]*\.sock$/;

/** Folders that hold such a socket, so that mounting them hands it over too. */
const holders = new Set(
  "/ /run /var/run /var /run/docker /run/podman /run/containerd /run/crio /run/k3s /run/k3s/containerd".split(" "),
);

/** Whether a host path, mounted into a container, gives it an engine's socket. */
export function handsOverEngineSocket(path: string): boolean {
  return sockets.test(path) || holders.has(path);
}

/** Whether a host path is itself an engine's socket. */
export function isEngineSocket(path: string): boolean {
  return sockets.test(path);
}

/** The host path that a mount hands over, `undefined` for volumes and what cannot be resolved. */
export function hostPathOf(mount: Mount): string | undefined {
  if (knownValue(mount.type) !== "bind") return undefined;
  const source = knownValue(mount.source);
  return source === undefined ? undefined : normalizePath(source);
}

/**
 * An absolute path without doubled and trailing slashes, `.` and `..` resolved; `/var/run` becomes `/run`, as hosts
 * link it, and `~` somebody's home. A path relative to the stack's folder stays as it is: it is none of the host's own.
 */
export function normalizePath(path: string): string {
  const absolute = path === "~" || path.startsWith("~/") ? `/home/somebody${path.slice(1)}` : path;
  if (!absolute.startsWith("/")) return path;
  if (!unclean.test(absolute)) return hostLink(absolute);
  const parts: string[] = [];
  for (const part of absolute.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return hostLink(`/${parts.join("/")}`);
}

/** A path of `normalizePath` as people write it: nobody's home is `/home/somebody`. */
export function shownPath(path: string): string {
  return path.replace(/^\/home\/somebody(?=\/|$)/, "~");
}

const unclean = /\/(?:\/|\.\.?(?:\/|$)|$)/;

function hostLink(plain: string): string {
  return plain === "/var/run" || plain.startsWith("/var/run/") ? plain.slice("/var".length) : plain;
}
