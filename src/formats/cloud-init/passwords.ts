import { Sensitive } from "../../facts/sensitive.ts";
import type { Place } from "../../lib/place.ts";
import { child, type TreeNode } from "../tree.ts";
import { type FirstStart, itemsOf, textOf } from "./document.ts";

/** What cloud-init takes for a hash; anything else behind a `$` is a password (cloudinit/config/cc_set_passwords.py). */
const hash = /^\$(?:1|2[aby]?|5|6|7|y|gy)\$[^$:]{1,200}\$[^:]{1,400}$/;
/** What is filled in before cloud-init sees the text, or by it, and what says that somebody is to. */
const filledIn =
  /^(?:\$\{.*\}|\$[A-Z][A-Z0-9_]*|\{\{.*\}\}|<[^<>]*>|(?:REPLACE|YOUR|INSERT)[_-].*|__\w+__|@\w+@|%%?\w+%%?|ENC\[.*)$/s;
/** What stands for a hash that somebody is to put there: one that is cut short, or a word that says so. */
const hashToCome =
  /^\$[0-9a-z]{1,4}\$|^[\p{Lu}\d_ -]{1,200}$|(?:^|[^a-zA-Z])(?:[Hh]ash|HASH|[Yy]our|[Rr]eplace|[Ee]xample)(?:$|[^a-zA-Z])/u;
/** What an account without a password has in the place of a hash (shadow(5)). */
const locked = /^(?:[!*x]{1,2}|!.*)$/;

export interface FirstPassword {
  /** A word for the account, and the key that sets its password. */
  readonly user: string;
  readonly key: "chpasswd" | "password" | "plain_text_passwd" | "passwd" | "hashed_passwd" | "identity";
  readonly value: Sensitive;
  readonly place: Place;
}

/**
 * The passwords that a first start sets from its own text: `chpasswd.list` (lines or entries of `user:password`),
 * `chpasswd.users`, `password` of the image's own user, and `plain_text_passwd` of `users`; and those that stand where only
 * a hash is of use (`passwd`, `hashed_passwd`, `autoinstall.identity.password`). A hash (`$6$…`), `R` and `RANDOM` hold none.
 *
 * Sources: cloudinit.readthedocs.io, modules "Set Passwords" and "Users and Groups"; Ubuntu's autoinstall reference.
 */
export function passwordsIn({ configs, installer }: FirstStart): readonly FirstPassword[] {
  return [...configs.flatMap(inConfig), ...inIdentity(child(installer, "identity"))];
}

function inConfig(root: TreeNode): readonly FirstPassword[] {
  const chpasswd = child(root, "chpasswd");
  const own = child(root, "password");
  const users = itemsOf(child(root, "users"));
  return [
    ...linesOf(child(chpasswd, "list")),
    ...itemsOf(child(chpasswd, "users")).flatMap((entry) => ofUser(entry, "password", "chpasswd")),
    ...found(own, "the image's own user", "password"),
    ...users.flatMap((entry) => ofUser(entry, "plain_text_passwd", "plain_text_passwd")),
    ...users.flatMap((entry) => ofUser(entry, "passwd", "passwd")),
    ...users.flatMap((entry) => ofUser(entry, "hashed_passwd", "hashed_passwd")),
  ];
}

function inIdentity(identity: TreeNode | undefined): readonly FirstPassword[] {
  return found(child(identity, "password"), nameOf(child(identity, "username")), "identity");
}

/** The user of an entry that holds a password; of one with `type: RANDOM` cloud-init makes one up. */
function ofUser(entry: TreeNode, field: string, key: FirstPassword["key"]): readonly FirstPassword[] {
  return textOf(child(entry, "type")) === "RANDOM" ? [] : found(child(entry, field), nameOf(child(entry, "name")), key);
}

function found(node: TreeNode | undefined, user: string, key: FirstPassword["key"]): readonly FirstPassword[] {
  const text = textOf(node);
  const isHash = key === "passwd" || key === "hashed_passwd" || key === "identity";
  if (isHash && hashToCome.test(text)) return [];
  return node !== undefined && isPassword(text) ? [{ user, key, value: new Sensitive(text), place: node.place }] : [];
}

function nameOf(node: TreeNode | undefined): string {
  const name = textOf(node);
  return /^[\w.-]{1,64}$/.test(name) ? name : "a user";
}

function linesOf(node: TreeNode | undefined): readonly FirstPassword[] {
  if (node?.kind === "sequence") return node.items.flatMap(linesOf);
  if (node?.kind !== "scalar" || node.unresolved !== undefined || typeof node.value !== "string") return [];
  return node.value.split("\n").flatMap((line): FirstPassword[] => {
    const [, user = "", rest = ""] = /^\s*([\w.-]{1,64}):(\S.{0,400})$/.exec(line) ?? [];
    const text = rest.trim();
    if (user === "" || !isPassword(text)) return [];
    return [{ user, key: "chpasswd", value: new Sensitive(text), place: node.place }];
  });
}

function isPassword(text: string): boolean {
  return text !== "" && !/^(?:R|RANDOM)$/.test(text) && !hash.test(text) && !filledIn.test(text) && !locked.test(text);
}
