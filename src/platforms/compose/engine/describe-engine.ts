import type { EngineInfo } from "../../../contracts/platform.ts";
import { RingwallError } from "../../../lib/error.ts";
import type { ProgramResult, RunProgram } from "../../../lib/run-program.ts";
import type { EngineClient } from "./client.ts";
import { isRemote } from "./endpoint.ts";
import { type EngineDescription, infoSchema } from "./schemas.ts";

/** What Compose's engine tells beyond what every platform does. */
export interface DockerEngineInfo extends EngineInfo {
  readonly name: string;
  readonly liveRestore: boolean;
  /** The daemon's own default for every container. */
  readonly noNewPrivileges: boolean;
  readonly seLinux: boolean;
  /**
   * The host's uid and gid that root of a container has under user remapping, read from the name of the engine's
   * data folder (`/var/lib/docker/231072.231072`); undefined where nothing is remapped or it cannot be told.
   */
  readonly remappedRoot: { readonly uid: number; readonly gid: number } | undefined;
}

/** The oldest `docker compose` whose plain progress and `config --hash` are known to work. */
export const oldestCompose = "2.20.0";

/** What kind of engine answers, and which `docker compose` is installed beside Ringwall. */
export async function describeEngine(client: EngineClient, run: RunProgram): Promise<DockerEngineInfo> {
  const [info, composeVersion] = await Promise.all([client.get("/info", infoSchema), findCompose(run)]);
  return engineInfo(client, info, composeVersion);
}

/** The facts of `GET /info`. `SecurityOptions` is a list such as `name=seccomp,profile=builtin`. */
export function engineInfo(
  client: Pick<EngineClient, "version" | "apiVersion" | "endpoint">,
  info: EngineDescription,
  composeVersion: string | undefined,
): DockerEngineInfo {
  const options = new Set(info.SecurityOptions.map((option) => /(?:^|,)name=([^,]+)/.exec(option)?.[1] ?? option));
  return {
    name: info.Name,
    version: client.version,
    apiVersion: client.apiVersion,
    cgroup: info.CgroupVersion === "" ? "1" : info.CgroupVersion,
    rootless: options.has("rootless"),
    userNamespaces: options.has("userns"),
    remote: isRemote(client.endpoint),
    seccomp: options.has("seccomp"),
    appArmor: options.has("apparmor"),
    seLinux: options.has("selinux"),
    noNewPrivileges: options.has("no-new-privileges"),
    liveRestore: info.LiveRestoreEnabled,
    remappedRoot: options.has("userns") ? remappedRootOf(info.DockerRootDir) : undefined,
    composeVersion,
  };
}

function remappedRootOf(folder: string): { uid: number; gid: number } | undefined {
  const match = /\/(\d+)\.(\d+)$/.exec(folder);
  return match === null ? undefined : { uid: Number(match[1]), gid: Number(match[2]) };
}

/** The version of the installed `docker compose`, or undefined when there is none. */
async function findCompose(run: RunProgram): Promise<string | undefined> {
  let result: ProgramResult;
  try {
    result = await run("docker", ["compose", "version", "--short"], { timeout: 15_000 });
  } catch (error) {
    if (error instanceof RingwallError && error.code === "not-found") return undefined;
    throw error;
  }
  return result.code === 0 ? /\d+\.\d+\.\d+/.exec(result.stdout)?.[0] : undefined;
}

/** Throws when `docker compose` is missing or too old for `plan` and `up`; returns its version. */
export function demandCompose(info: EngineInfo): string {
  if (info.composeVersion === undefined) {
    throw new RingwallError("engine-missing", "`docker compose` is not installed: `docker compose version` fails.", {
      hint: "Install the Compose plug-in, version 2 (package docker-compose-plugin, or docker-compose of newer Debian).",
    });
  }
  if (olderThan(info.composeVersion, oldestCompose)) {
    throw new RingwallError("engine-too-old", `\`docker compose\` ${info.composeVersion} is too old.`, {
      hint: `Ringwall needs ${oldestCompose} or newer.`,
    });
  }
  return info.composeVersion;
}

function olderThan(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** What is special about the engine, as sentences for `plan` and `up`; empty for a plain local one. */
export function engineRemarks(info: DockerEngineInfo): readonly string[] {
  const remarks: string[] = [];
  if (info.remote) {
    remarks.push(
      "The engine is remote: files that services mount from the host, secrets among them, cannot be put there from here.",
    );
  }
  if (info.rootless) {
    remarks.push(
      "The engine is rootless: root in a container is an ordinary user of the host, and files belong to its subordinate uids.",
    );
  }
  if (info.userNamespaces) {
    const root = info.remappedRoot;
    remarks.push(
      root === undefined
        ? "The engine remaps users, to ids that cannot be told from here."
        : `The engine remaps users: uid 0 of a container is uid ${root.uid} of the host.`,
    );
  }
  if (!info.seccomp) remarks.push("The engine has no seccomp: every system call is open to every container.");
  if (!info.appArmor && !info.seLinux) {
    remarks.push("The kernel confines containers by neither AppArmor nor SELinux.");
  }
  return remarks;
}
