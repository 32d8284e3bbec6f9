import { knownValue } from "../../facts/fact.ts";
import type { Mount } from "../../facts/subjects.ts";

/** Sockets by which an engine or its runtime takes orders; whoever writes to one is root on the host. */
const sockets =
  /\/(?:docker|podman|containerd|crio|incus|lxd|buildkitd|cri-dockerd)(?:\.sock|\/(?:[^/]+\/)*unix\.socket)$|\/(?:docker|podman|containerd|crio|buildkit)\/[^/]*\.sock$/;

/** Folders that hold such a socket, so that mounting them hands it over too. */
const holders = new Set(["/", "/run", "/var/run", "/var", "/run/docker", "/run/podman", "/run/containerd"]);

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

/** Without doubled and trailing slashes, `.` and `..` resolved; `/var/run` becomes `/run`, as hosts link it. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  const plain = `/${parts.join("/")}`;
  return plain === "/var/run" || plain.startsWith("/var/run/") ? plain.slice("/var".length) : plain;
}
