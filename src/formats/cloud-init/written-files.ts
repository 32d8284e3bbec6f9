/**
 * The files that a first start writes.
 *
 * Source: cloudinit.readthedocs.io, module "Write Files": `permissions` is an octal text, 0644 where it is left out;
 * `encoding` may be base64, gzip, or both.
 */
import { gunzipSync } from "node:zlib";
import type { CloudInitSecret } from "../../facts/configuration/cloud-init.ts";
import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { secretsIn } from "../../repository/secret-scan/scan.ts";
import { isSetUserId, isWorldWritable } from "../shell/permissions.ts";
import { child, type TreeNode } from "../tree.ts";
import { type FirstStart, itemsOf, textOf } from "./document.ts";

export interface WrittenFile {
  readonly path: string;
  readonly node: TreeNode;
}

export function writtenFiles({ configs }: FirstStart): readonly WrittenFile[] {
  return configs
    .flatMap((config) => itemsOf(child(config, "write_files")))
    .map((node) => ({ path: textOf(child(node, "path")), node }));
}

/** Files that everybody may write, or that get the set-user-id bit. */
export function modeRisks(file: WrittenFile): readonly CommandRisk[] {
  const mode = child(file.node, "permissions");
  const text = textOf(mode);
  if (mode === undefined || text === "") return [];
  // A number is what YAML 1.1 makes of an octal one, and cloud-init takes it as it is.
  const octal = mode.kind === "scalar" && typeof mode.value === "number" ? `0${mode.value.toString(8)}` : text;
  const name = /^[\w./+@-]{1,120}$/.test(file.path) ? file.path : "a file";
  const { place } = mode;
  if (isSetUserId(octal)) return [{ kind: "set-user-id", what: `${name} gets the set-user-id bit`, place }];
  return isWorldWritable(octal)
    ? [{ kind: "world-writable", what: `${name} becomes writable by everybody`, place }]
    : [];
}

/** The secrets of a content that nobody can read in the file as it stands. What is in clear is found in the text itself. */
export function encodedSecrets({ path, node }: WrittenFile): readonly CloudInitSecret[] {
  const content = child(node, "content");
  const decoded = content === undefined ? undefined : decode(textOf(content), textOf(child(node, "encoding")));
  if (content === undefined || decoded === undefined) return [];
  return secretsIn(decoded, path === "" ? "file.env" : path, "all").map(({ what, offset, end }) => ({
    what: `${what} (encoded, which hides nothing)`,
    value: new Sensitive(decoded.slice(offset, end)),
    place: content.place,
  }));
}

/** More than any file of configuration has. */
const largest = 1_048_576;

function decode(content: string, encoding: string): string | undefined {
  const zipped = /gz/.test(encoding);
  const based = /b64|base64/.test(encoding);
  if (!based || content === "" || content.length > largest) return undefined;
  const bytes = Buffer.from(content, "base64");
  if (!zipped) return bytes.toString("utf8");
  try {
    return gunzipSync(bytes, { maxOutputLength: largest }).toString("utf8");
  } catch {
    return undefined;
  }
}
