import { posix } from "node:path";
import { folderOf } from "../../lib/folder-of.ts";
import { normalise } from "../../repository/files.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { sshdLines } from "./parse.ts";
import { readSshd } from "./read.ts";

/** `sshd_config`, files of `sshd_config.d`, and templates of either. */
export const sshdFormat: ConfigFormat = {
  name: "sshd_config",
  mayBe: (path) => whole.test(path) || part.test(path),
  recognises: (_path, text) => telling.test(text),
  read,
};

const whole = /(?:^|[/._-])sshd_config(?:\.(?:j2|tmpl|tpl|erb|conf|in|template))?$/;
const part = /(?:^|\/)sshd_config\.d\/[^/]+\.conf(?:\.(?:j2|tmpl|tpl|erb))?$/;
/** The names say it; a keyword with an argument bears it out. */
const telling = /^[ \t]*[A-Za-z][A-Za-z0-9]{2,40}(?:[ \t]+|[ \t]*=[ \t]*)\S/m;

function read(input: ConfigInput): ConfigFacts {
  const extent = part.test(input.path) ? "part" : "whole";
  // Where the file that includes it is here too, that one is read with it.
  if (extent === "part" && isIncluded(input)) return { subjects: [], problems: [], sources: [] };
  const { configuration, sources, problems } = readSshd(input.file, extent, (pattern) => included(input, pattern));
  return { subjects: [configurationFile(input, configuration)], problems, sources };
}

function isIncluded({ path, files }: ConfigInput): boolean {
  const main = posix.join(posix.dirname(posix.dirname(path)), "sshd_config");
  const file = files.exists(main) ? files.read(main) : undefined;
  return (
    file?.ok === true &&
    sshdLines(file.text).some(
      ({ keyword, arguments: patterns }) =>
        keyword === "include" && patterns.some((pattern) => /sshd_config\.d\//.test(pattern)),
    )
  );
}

/** The files of a pattern below `/etc/ssh`, in the order of their names; undefined where their folder is not here. */
function included({ path, files, locate }: ConfigInput, pattern: string) {
  const relative = pattern.replace(/^\/etc\/ssh\//, "");
  if (relative.startsWith("/")) {
    const located = locate(pattern);
    const file = located === undefined ? undefined : files.read(located);
    return file?.ok === true ? [file] : undefined;
  }
  const target = normalise(posix.join(posix.dirname(path), relative));
  if (target === undefined) return undefined;
  const folder = folderOf(target);
  if (!files.isFolder(folder) || (folder === posix.dirname(path) && !files.exists(target))) return undefined;
  const matches = matcher(target.slice(target.lastIndexOf("/") + 1));
  return files
    .list(folder)
    .filter((name) => matches.test(name))
    .flatMap((name) => {
      const file = files.read(folder === "" ? name : `${folder}/${name}`);
      return file.ok ? [file] : [];
    });
}

/** `*` and `?` of a file's name; runs of stars are one. */
function matcher(pattern: string): RegExp {
  const parts = pattern.slice(0, 200).split(/\*+/).slice(0, 6);
  return new RegExp(
    `^${parts.map((part) => part.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\?/g, ".")).join(".*")}$`,
  );
}
