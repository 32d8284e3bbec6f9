import type { IncusRawOption } from "../../../facts/extensions-incus.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../facts/fact.ts";
import type { Place } from "../../../lib/place.ts";
import type { InstanceContext } from "./context.ts";
import { asSetText } from "./values.ts";

/** One line of `raw.lxc`, as lxc.container.conf(5) writes it. */
interface RawLine {
  readonly key: string;
  readonly value: string;
  readonly place: Place;
}

/** The lines of `raw.lxc`. */
export function rawLxc({ config }: InstanceContext): Fact<readonly RawLine[]> {
  const raw = config.fact("raw.lxc", asSetText, "a text", unstated);
  if (raw.kind !== "stated") return raw.kind === "unknown" ? raw : unstated(raw.place);
  const lines = raw.value.split("\n").flatMap((line): RawLine[] => {
    const equals = line.indexOf("=");
    if (equals === -1 || line.trimStart().startsWith("#")) return [];
    return [{ key: line.slice(0, equals).trim(), value: line.slice(equals + 1).trim(), place: raw.place }];
  });
  return stated(lines, raw.place);
}

type Danger = Pick<IncusRawOption, "does" | "leadsOut">;

/** What a line of lxc.container.conf(5) takes away; undefined for one against which nothing is known. */
function dangerOf({ key, value }: RawLine): Danger | undefined {
  if (/^lxc\.(?:apparmor\.profile|aa_profile)$/.test(key)) return undefined;
  if (/^lxc\.cap\.(?:drop|keep)$/.test(key)) {
    return value === "" ? { does: "gives back the capabilities that LXC drops", leadsOut: true } : undefined;
  }
  if (/^lxc\.cgroup2?\.devices\.allow$/.test(key)) {
    return /^a\b/.test(value)
      ? { does: "opens every device of the host", leadsOut: true }
      : { does: `opens the device ${value}`, leadsOut: false };
  }
  if (key === "lxc.mount.auto" && /(?:proc|sys|cgroup(?:-full)?):rw/.test(value)) {
    return { does: "mounts the kernel's own files writable", leadsOut: true };
  }
  if (key === "lxc.mount.entry")
    return { does: `mounts ${value.split(/\s+/)[0] ?? ""} past the device list`, leadsOut: false };
  if (key === "lxc.idmap") return { does: "maps users past raw.idmap", leadsOut: /^[ugb]\s+\d+\s+0\b/.test(value) };
  if (/^lxc\.namespace\.(?:keep|share)/.test(key)) return sharing(key, value);
  if (/^lxc\.hook\./.test(key)) return { does: "runs a program on the host", leadsOut: true };
  if (/^lxc\.(?:seccomp\.profile|include|selinux\.context)$/.test(key)) {
    return { does: `sets ${key}`, leadsOut: false };
  }
  return undefined;
}

/**
 * `lxc.namespace.keep` leaves the container in the namespaces of who starts it, the server. `lxc.namespace.share.net` takes
 * the name of another container, which two share on purpose, the number of a process of the host, or a path; what `ip
 * netns` made under `/run/netns` stands apart from the host's own (lxc.container.conf(5), "Namespace inheritance").
 */
function sharing(key: string, value: string): Danger | undefined {
  const host = { does: "shares a namespace of the host", leadsOut: true };
  if (value === "") return undefined;
  if (key.startsWith("lxc.namespace.keep") || /^0*1$/.test(value)) return host;
  if (/^\d+$/.test(value)) return { does: `shares a namespace of the host's process ${value}`, leadsOut: false };
  if (/^\/(?:var\/)?run\/netns\/./.test(value)) return undefined;
  return value.startsWith("/") ? host : undefined;
}

/** `both 0 0`, `uid 0-65535 0`: the host's root among those that are mapped. */
function mapsRoot(idmap: string): boolean {
  return idmap.split("\n").some((line) => /^\s*(?:both|uid)\s+0(?:-\d+)?\s/.test(line));
}

/** `u 0 0 65536`: container, host, count. */
function linesUpRoot({ key, value }: RawLine): boolean {
  return key === "lxc.idmap" && /^[ub]\s+\d+\s+0\b/.test(value);
}

/** Whether the host's root is somebody in the container too: by `raw.idmap`, or by a line past it. */
export function hostRootIsMapped(context: InstanceContext): Fact<boolean> {
  const idmap = context.config.fact("raw.idmap", asSetText, "a text", unstated);
  if (idmap.kind === "stated" && mapsRoot(idmap.value)) return stated(true, idmap.place);
  const lines = rawLxc(context);
  const line = (knownValue(lines) ?? []).find(linesUpRoot);
  if (line !== undefined) return stated(true, line.place);
  const hidden = [idmap, lines].find((fact) => fact.kind === "unknown");
  return hidden?.kind === "unknown" ? unknown(hidden.why, hidden.place) : defaulted(false, "platform", idmap.place);
}

const wholesale: readonly (readonly [key: string, does: string, leadsOut: boolean])[] = [
  ["raw.apparmor", "adds rules to the AppArmor profile that nobody checks", false],
  ["raw.seccomp", "puts a system call filter of its own in place of the server's", false],
  ["raw.qemu", "adds arguments to the emulator, which runs on the host", false],
  ["raw.qemu.conf", "changes the emulator's configuration", false],
  ["raw.qemu.scriptlet", "runs a script within the server", false],
  ["raw.qemu.qmp.early", "gives the emulator, which runs on the host, commands before it is set up", false],
  ["raw.qemu.qmp.pre-start", "gives the emulator, which runs on the host, commands before the start", false],
  ["raw.qemu.qmp.post-start", "gives the emulator, which runs on the host, commands after the start", false],
];

/** What the `raw.*` keys of an instance do that Incus itself does not allow or check. */
export function readRawOptions(context: InstanceContext): FactList<IncusRawOption> {
  const { config, place } = context;
  const items: IncusRawOption[] = [];
  let why = config.hidden;
  const lines = rawLxc(context);
  if (lines.kind === "unknown") why ??= lines.why;
  for (const line of knownValue(lines) ?? []) {
    const danger = dangerOf(line);
    if (danger !== undefined) items.push({ key: "raw.lxc", ...danger, place: line.place });
  }
  for (const [key, does, leadsOut] of wholesale) {
    const value = config.fact(key, asSetText, "a text", unstated);
    if (value.kind === "unknown") why ??= value.why;
    if (value.kind === "stated") items.push({ key, does, leadsOut, place: value.place });
  }
  const idmap = config.fact("raw.idmap", asSetText, "a text", unstated);
  if (idmap.kind === "unknown") why ??= idmap.why;
  if (idmap.kind === "stated" && mapsRoot(idmap.value)) {
    items.push({
      key: "raw.idmap",
      does: "maps the host's root into the container",
      leadsOut: true,
      place: idmap.place,
    });
  }
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}
