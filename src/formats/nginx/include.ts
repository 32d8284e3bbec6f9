import type { InputProblem } from "../../facts/system.ts";
import type { Source } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import type { ConfigInput } from "../config-format.ts";
import { type Environment, environmentOf } from "../proxy/environment.ts";
import { includedFiles } from "../proxy/included-files.ts";
import { type Directive, parseNginx, type Word } from "./parse.ts";
import { checkedValues } from "./values.ts";

export interface ExpandedNginx {
  readonly directives: readonly NginxDirective[];
  readonly problems: readonly InputProblem[];
  /** The files that were included. */
  readonly sources: readonly Source[];
}

/** A directive whose includes are in place. */
export interface NginxDirective extends Omit<Directive, "block"> {
  readonly block: readonly NginxDirective[] | undefined;
  /** Of an `include` that is not in this folder: why, as a clause. Such a directive is nothing else. */
  readonly unseen?: string;
}

const mostIncludes = 2_000;
const maxDepth = 20;
/** Where nginx's own files lie in its images and packages; paths in them start there. */
const prefix = "/etc/nginx";

/** Files that come with nginx and change nothing that facts are made of. */
const harmless =
  /(?:^|\/)(?:mime\.types|fastcgi(?:_params|\.conf)|uwsgi_params|scgi_params|proxy_params|koi-\w+|win-utf)$|\/modules(?:-enabled)?\/[^/]*$/;

/** The directives of a file with all that it includes. */
export function readNginx(input: ConfigInput, template: Environment | undefined): ExpandedNginx {
  const expander = new Expander(input);
  const parsed = parseNginx(input.file.source, input.file.text, template);
  expander.problems.push(...parsed.problems);
  const directives = expander.expand(parsed.directives, 0);
  return { directives, problems: expander.problems, sources: [...expander.sources] };
}

class Expander {
  readonly problems: InputProblem[] = [];
  readonly sources = new Set<Source>();
  readonly #input: ConfigInput;
  #count = 0;

  constructor(input: ConfigInput) {
    this.#input = input;
  }

  expand(directives: readonly Directive[], depth: number): readonly NginxDirective[] {
    return directives.flatMap((directive): readonly NginxDirective[] => {
      const [path] = directive.args;
      if (directive.name === "include" && path !== undefined) return this.#include(directive, path, depth);
      const { block } = directive;
      const checked = checkedValues(directive, this.problems);
      return [{ ...checked, block: block === undefined ? undefined : this.expand(block, depth) }];
    });
  }

  #include(directive: Directive, path: Word, depth: number): readonly NginxDirective[] {
    const known = knownFile(path, directive);
    if (known !== undefined) return known;
    const unseen = (why: string): readonly NginxDirective[] => [{ ...directive, block: undefined, unseen: why }];
    if (path.unresolved !== undefined) return unseen(path.unresolved);
    this.#count += 1;
    if (this.#count > mostIncludes || depth > maxDepth) {
      const message = "Files include one another too often here; the rest is not read. Does a file include itself?";
      if (this.#count <= mostIncludes + 1) this.problems.push({ severity: "error", message, place: directive.place });
      return unseen("files include one another too often");
    }
    const found = this.#files(path.text);
    const templates = this.#templates(path.text);
    if ("why" in found && templates.length === 0) return unseen(found.why);
    const made = templates.flatMap((file) => this.#read(file, environmentOf(this.#input.environment), depth));
    const written = "why" in found ? [] : found.files.filter(({ file }) => !isMade(file.path, templates));
    const missing = "why" in found ? undefined : found.missing;
    if (missing !== undefined) {
      const message = `${missing.replace(/^`/, "The included file `")}; what it says is not seen.`;
      this.problems.push({ severity: "warning", message, place: directive.place });
    }
    const read = written.flatMap(({ file }) => this.#read(file, undefined, depth));
    return [...read, ...made, ...(missing === undefined ? [] : unseen(missing))];
  }

  #read(file: TextFile, template: Environment | undefined, depth: number): readonly NginxDirective[] {
    this.sources.add(file.source);
    const parsed = parseNginx(file.source, file.text, template);
    this.problems.push(...parsed.problems);
    return this.expand(parsed.directives, depth + 1);
  }

  /** nginx's own image makes `conf.d/a.conf` of `templates/a.conf.template` when it starts, over what is there. */
  #templates(pattern: string): readonly TextFile[] {
    const inside = pattern.startsWith("/") ? pattern : `${prefix}/${pattern}`;
    if (!inside.startsWith(`${prefix}/conf.d/`) || this.#input.owner === undefined) return [];
    const wanted = `${prefix}/templates/${inside.slice(prefix.length + "/conf.d/".length)}.template`;
    const found = includedFiles(wanted, "", this.#input);
    return "why" in found ? [] : found.files.map(({ file }) => file);
  }

  /** Relative paths start at nginx's own folder; where that is not seen, at the main file's or the one above. */
  #files(pattern: string): ReturnType<typeof includedFiles> {
    const inside = pattern.startsWith("/") ? pattern : `${prefix}/${pattern}`;
    const first = includedFiles(inside, "", this.#input);
    if ("files" in first) return first;
    const relative = inside.startsWith(`${prefix}/`) ? inside.slice(prefix.length + 1) : undefined;
    if (relative === undefined) return first;
    for (const folder of ["", ".."]) {
      const found = includedFiles(relative, folder, this.#input);
      if ("files" in found && found.files.length > 0) return found;
    }
    return first;
  }
}

/** Whether a file of `conf.d` is one that is made anew of a template. */
function isMade(path: string, templates: readonly TextFile[]): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return templates.some((template) => template.path.endsWith(`/${name}.template`));
}

/** What certbot's file of TLS settings says; files that say nothing of interest. Source: certbot-nginx, `options-ssl-nginx.conf`. */
function knownFile(path: Word, { place }: Directive): readonly NginxDirective[] | undefined {
  if (harmless.test(path.text)) return [];
  if (!/\/options-ssl-nginx\.conf$/.test(path.text)) return undefined;
  const args = ["TLSv1.2", "TLSv1.3"].map((text) => ({ text, place: path.place }));
  return [{ name: "ssl_protocols", args, block: undefined, place }];
}
