import { complete, type FactList, incomplete } from "../../facts/fact.ts";
import type { SignInSetting } from "../../facts/knowledge/oauth2-proxy.ts";
import { asText, type Fields, listOf, textItem } from "../fields.ts";
import { isFilledIn } from "../refused.ts";
import type { TreeNode } from "../tree.ts";

/** Lists whose items may have commas in them stand with one on each line. */
const withLines = /^(?:skip_auth_|trusted_ip)/;
/** Its own text, in which a sign of a template is one of a regular expression. */
const asWritten = /^(?:skip_auth_|cookie_secret$)/;

/** The settings of a file, each as a text. */
export function settingsOf(root: Fields): FactList<SignInSetting> {
  const items = root.entries.map(({ key, value }) => settingOf(key.replaceAll("-", "_"), value));
  return root.hidden === undefined ? complete(items, root.place) : incomplete(items, root.hidden, root.place);
}

/** One setting of one value or several. */
export function settingOf(name: string, node: TreeNode): SignInSetting {
  const { place } = node;
  if (node.kind === "mapping") return { name, value: undefined, why: `\`${name}\` is no text`, place };
  const texts = listOf(
    node,
    textItem((text) => ({ value: text })),
  );
  if (!texts.complete) return { name, value: undefined, why: texts.why, place };
  const value = texts.items.join(withLines.test(name) ? "\n" : ",");
  if (!asWritten.test(name) && isFilledIn(value))
    return { name, value: undefined, why: "it is filled in before OAuth2 Proxy starts", place };
  return { name, value: node.kind === "scalar" ? (asText(node) ?? "").trim() : value, place };
}
