import { child, type TreeNode } from "../../../formats/tree.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { Source } from "../../../lib/place.ts";

/** A template of Jinja says so in a line before (cloudinit/handlers/jinja_template.py). */
export const isCloudConfig = /^(?:##[ \t]{0,9}template:[^\n]{0,80}\n)?#cloud-config\s/i;
/** What cloud-init takes for a hash; anything else behind a `$` is a password (cloudinit/config/cc_set_passwords.py). */
const hash = /^\$(?:1|2[aby]?|5|6|7|y|gy)\$[^$:]{1,200}\$[^:]{1,400}$/;
/** What is filled in before cloud-init sees the text, or by it. */
const filledIn = /^(?:\$\{.*\}|\{\{.*\}\})$/s;

/**
 * The passwords that a first start sets from its own text, each as a clause without the value: `chpasswd.list` (lines or
 * entries of `user:password`), `chpasswd.users`, `password` of the image's own user, and `plain_text_passwd` of `users`. A
 * hash (`$6$…`), `R` and `RANDOM` hold none. Source: cloudinit.readthedocs.io, modules "Set Passwords" and "Users and Groups".
 */
export function firstPasswordsIn(text: string): readonly string[] {
  if (!isCloudConfig.test(text) || !/chpasswd|passw/.test(text)) return [];
  const [root] = parseYaml(new Source("user-data", text), text).documents;
  const chpasswd = child(root, "chpasswd");
  const list = linesOf(child(chpasswd, "list")).flatMap((line) => {
    const [, user = "", rest = ""] = /^\s*([\w.-]{1,64}):(\S.{0,400})$/.exec(line) ?? [];
    return user !== "" && isPassword(rest.trim()) ? [user] : [];
  });
  const users = itemsOf(child(chpasswd, "users")).flatMap((entry) => userWith(entry, "password"));
  const added = itemsOf(child(root, "users")).flatMap((entry) => userWith(entry, "plain_text_passwd"));
  return [
    ...[...list, ...users].map((user) => `the password of ${user}, which \`chpasswd\` sets`),
    ...(isPassword(textOf(child(root, "password"))) ? ["the `password` of the image's own user"] : []),
    ...added.map((user) => `the \`plain_text_passwd\` of ${user}`),
  ];
}

/** The user of an entry that holds a password; of one with `type: RANDOM` cloud-init makes one up. */
function userWith(entry: TreeNode, key: string): readonly string[] {
  if (textOf(child(entry, "type")) === "RANDOM" || !isPassword(textOf(child(entry, key)))) return [];
  const name = textOf(child(entry, "name"));
  return [/^[\w.-]{1,64}$/.test(name) ? name : "a user"];
}

function isPassword(text: string): boolean {
  return text !== "" && !/^(?:R|RANDOM)$/.test(text) && !hash.test(text) && !filledIn.test(text);
}

function textOf(node: TreeNode | undefined): string {
  return node?.kind === "scalar" && node.value !== null ? String(node.value).trim() : "";
}

function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.kind === "sequence" ? node.items : [];
}

function linesOf(node: TreeNode | undefined): readonly string[] {
  if (node?.kind === "sequence") return node.items.flatMap(linesOf);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value.split("\n") : [];
}
