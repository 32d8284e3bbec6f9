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
 * The users whose passwords a first start sets from its own text: `chpasswd.list`, lines or entries of `user:password`.
 * A hash (`$6$…`), `R` and `RANDOM` hold none. Source: cloudinit.readthedocs.io, module "Set Passwords".
 */
export function usersWithPasswords(text: string): readonly string[] {
  if (!isCloudConfig.test(text) || !text.includes("chpasswd")) return [];
  const { documents } = parseYaml(new Source("user-data", text), text);
  return linesOf(child(child(documents[0], "chpasswd"), "list")).flatMap((line) => {
    const [, user = "", rest = ""] = /^\s*([\w.-]{1,64}):(\S.{0,400})$/.exec(line) ?? [];
    const password = rest.trim();
    return user === "" || /^(?:R|RANDOM)$/.test(password) || hash.test(password) || filledIn.test(password)
      ? []
      : [user];
  });
}

function linesOf(node: TreeNode | undefined): readonly string[] {
  if (node?.kind === "sequence") return node.items.flatMap(linesOf);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value.split("\n") : [];
}
