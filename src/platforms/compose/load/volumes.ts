import { posix } from "node:path";
import type { MappingEntry, MappingNode, ScalarNode } from "../../../formats/tree.ts";
import { entry, implied, mapping, mappingOf, scalar } from "./nodes.ts";
import { part } from "./pairs.ts";
import type { Session } from "./session.ts";

/** A short-form mount taken apart; the sections' positions in the text are kept. */
export interface VolumeSpec {
  readonly source?: Section;
  readonly target: string;
  readonly targetAt: Section;
  readonly options: readonly string[];
  readonly optionsAt?: Section;
}

interface Section {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const propagations = new Set(["rprivate", "private", "rshared", "shared", "rslave", "slave"]);

/** `SOURCE:TARGET:OPTIONS`, with Windows drives; undefined for what Compose refuses. Source: compose-go, `format/volume.go`. */
export function parseVolume(spec: string): VolumeSpec | undefined {
  if (spec === "") return undefined;
  if (spec.length <= 2) return anonymous({ text: spec, start: 0, end: spec.length });
  const sections = sectionsOf(spec);
  if (sections.length > 3 || sections.some((section) => section.text === "")) return undefined;
  const [first, second, third] = sections;
  if (first === undefined) return undefined;
  if (second === undefined) return anonymous(first);
  return {
    source: first,
    target: cleanPath(second.text),
    targetAt: second,
    options: third === undefined ? [] : third.text.split(","),
    ...(third === undefined ? {} : { optionsAt: third }),
  };
}

function anonymous(section: Section): VolumeSpec {
  return { target: cleanPath(section.text), targetAt: section, options: [] };
}

/** `path.Clean` of Go: no trailing slash, no `.` and `..` inside. */
export function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}

function sectionsOf(spec: string): Section[] {
  const sections: Section[] = [];
  let start = 0;
  for (let at = 0; at <= spec.length; at++) {
    if (at < spec.length && spec[at] !== ":") continue;
    const text = spec.slice(start, at);
    if (at < spec.length && /^\p{L}$/u.test(text)) continue;
    sections.push({ text, start, end: at });
    start = at + 1;
  }
  return sections;
}

/** Whether a mount's source is a path of the host and not the name of a volume. */
export function isHostPath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith("\\\\") || /^\p{L}:/u.test(source);
}

/** The long form of a short-form mount. */
export function longVolume(node: ScalarNode, spec: VolumeSpec, session: Session): MappingNode {
  const entries: MappingEntry[] = [];
  const put = (key: string, value: ScalarNode): number => entries.push(entry(key, value));
  const source = spec.source === undefined ? undefined : part(node, spec.source.start, spec.source.end, session);
  const bind = source !== undefined && isHostPath(String(source.value));
  const type = scalar(bind ? "bind" : "volume", node.place);
  // Whether it is a path shows in its first characters; when those are not known, neither is the type.
  const startKnown = source?.unresolved === undefined || !session.doubtsOf(source).some((doubt) => doubt.start === 0);
  put("type", startKnown || source?.unresolved === undefined ? type : { ...type, unresolved: source.unresolved });
  if (source !== undefined) put("source", source);
  const target = part(node, spec.targetAt.start, spec.targetAt.end, session);
  put("target", { ...target, value: spec.target });
  const options =
    spec.optionsAt === undefined ? undefined : part(node, spec.optionsAt.start, spec.optionsAt.end, session);
  const readOnly = spec.options.reduce(
    (mode, option) => (option === "ro" ? true : option === "rw" ? false : mode),
    false,
  );
  if (readOnly) put("read_only", scalar(true, node.place));
  else if (options?.unresolved !== undefined) {
    put("read_only", { ...scalar(false, node.place), unresolved: options.unresolved });
  }
  // A target of one or two characters alone is taken as it is.
  if (String(node.value).length > 2)
    entries.push(...(bind ? bindOptions(spec, node) : []), ...volumeOptions(spec, node, bind));
  return mappingOf(node.place, ...entries);
}

function bindOptions(spec: VolumeSpec, node: ScalarNode): MappingEntry[] {
  const bind: MappingEntry[] = [implied("create_host_path", true, node.place)];
  for (const option of spec.options) {
    if (propagations.has(option)) bind.push(entry("propagation", scalar(option, node.place)));
    else if (option === "z" || option === "Z") bind.push(entry("selinux", scalar(option, node.place)));
  }
  return [implied("bind", mappingOf(node.place, ...bind), node.place)];
}

function volumeOptions(spec: VolumeSpec, node: ScalarNode, bound: boolean): MappingEntry[] {
  const volume = spec.options.includes("nocopy") ? [entry("nocopy", scalar(true, node.place))] : [];
  if (bound && volume.length === 0) return [];
  const entries = [implied("volume", mapping(new Map(volume.map((each) => [each.key, each])), node.place), node.place)];
  if (bound) return entries;
  const bind = bindOptions(spec, node).flatMap((each) =>
    each.value.kind === "mapping" ? [...each.value.entries.values()] : [],
  );
  const written = bind.filter((each) => each.implied !== true);
  return written.length === 0 ? entries : [...entries, entry("bind", mappingOf(node.place, ...written))];
}
