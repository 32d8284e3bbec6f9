/** Traefik's files as trees: YAML or TOML, by their ending. */
import type { InputProblem } from "../../facts/system.ts";
import type { TextFile } from "../../repository/files.ts";
import { parseToml } from "../toml/parse.ts";
import type { MappingNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

export interface TraefikFile {
  /** Undefined where nothing of it can be read; `why` says so as a clause. */
  readonly root: MappingNode | undefined;
  readonly why: string | undefined;
  readonly problems: readonly InputProblem[];
}

/**
 * A file of the file provider may be a Go template: where what stands between the braces is a value, the rest is read and
 * that value is unknown; where it is more, nothing is.
 */
export function readTraefikFile(file: TextFile, name = file.path): TraefikFile {
  const isToml = /\.toml$/i.test(name);
  const { documents, problems } = isToml ? tomlOf(file) : parseYaml(file.source, file.text);
  const root = documents.find((document) => document.kind === "mapping");
  const broken = problems.some(({ severity }) => severity === "error");
  if (file.text.includes("{{") && (broken || root === undefined)) {
    return { root: undefined, why: `\`${file.path}\` is a Go template`, problems: [] };
  }
  if (root?.kind !== "mapping") return { root: undefined, why: `\`${file.path}\` cannot be read`, problems };
  return { root, why: broken ? `\`${file.path}\` has a mistake` : undefined, problems };
}

function tomlOf(file: TextFile) {
  const { root, problems } = parseToml(file.source, file.text);
  return { documents: [root], problems };
}

/** Whether a text looks like Traefik's static configuration. */
export function isStatic(text: string): boolean {
  return (
    /^[^\S\r\n]*(?:\[[^\S\r\n]*)?["']?entry[Pp]oints["']?[^\S\r\n]*(?:[:.\]]|$)/m.test(text) ||
    (/^[^\S\r\n]*\[?["']?providers["']?[\s:.\]]/m.test(text) &&
      /^[^\S\r\n]*(?:\[[\w.]*)?(?:docker|file|kubernetes(?:CRD|Ingress|Gateway)|swarm)["']?\s*[:\].]/m.test(text))
  );
}

/** Whether a text looks like what the file provider reads. */
export function isDynamic(text: string): boolean {
  return (
    (/^["']?(?:http|tcp|udp|tls)["']?[ \t]*:/m.test(text) &&
      /^[ \t]{1,8}["']?(?:routers|middlewares|services|serversTransports|options|certificates|stores)["']?[ \t]*:/m.test(
        text,
      )) ||
    /^[^\S\r\n]*\[+(?:http|tcp|udp)\.(?:routers|services|middlewares|serversTransports)/m.test(text) ||
    /^[^\S\r\n]*\[+tls\.(?:options|stores|certificates)/m.test(text)
  );
}
