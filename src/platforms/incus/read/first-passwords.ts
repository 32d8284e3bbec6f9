import { child, type TreeNode } from "../../../formats/tree.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { Source } from "../../../lib/place.ts";

/**
 * The users whose passwords a first start sets from its own text: `chpasswd.list`, lines or entries of `user:password`.
 * A hash (`$6$…`), `R` and `RANDOM` hold none. Source: cloudinit.readthedocs.io, module "Set Passwords".
 */
export function usersWithPasswords(text: string): readonly string[] {
  if (!/^#cloud-config\s/.test(text) || !text.includes("chpasswd")) return [];
  const { documents } = parseYaml(new Source("user-data", text), text);
  return linesOf(child(child(documents[0], "chpasswd"), "list")).flatMap((line) => {
    const [, user = "", password = ""] = /^\s*([\w.-]{1,64}):(\S.{0,400})$/.exec(line) ?? [];
    return user === "" || /^(?:R|RANDOM|\$.*)$/.test(password.trim()) ? [] : [user];
  });
}

function linesOf(node: TreeNode | undefined): readonly string[] {
  if (node?.kind === "sequence") return node.items.flatMap(linesOf);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value.split("\n") : [];
}
