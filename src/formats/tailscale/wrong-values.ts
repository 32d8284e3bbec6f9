import type { InputProblem } from "../../facts/system.ts";
import { entriesOf, entry, option } from "../any-case.ts";
import { refused } from "../refused.ts";
import type { TreeNode } from "../tree.ts";

/**
 * Values of another kind than the program takes: it ends with an error then, and nothing is served.
 *
 * Source: Tailscale 1.90, `cmd/containerboot/serve.go` (`log.Fatalf` where the file cannot be decoded) and the types in
 * `ipn/serve.go`, as Go's `encoding/json` decodes them.
 */
export function wrongValues(root: TreeNode): readonly InputProblem[] {
  const services = entriesOf(option(root, "Services")).map(({ value }) => value);
  return [root, ...services].flatMap((node) => [
    ...entriesOf(option(node, "TCP")).flatMap(({ key, keyPlace, value }) => [
      ...(isPort(key)
        ? []
        : [refused(program, `\`${key}\` under \`TCP\` is no port`, "a number from 0 to 65535", keyPlace)]),
      ...["HTTPS", "HTTP"].flatMap((name) => notBoolean(value, name)),
      ...["TCPForward", "TerminateTLS"].flatMap((name) => notText(value, name)),
    ]),
    ...entriesOf(option(node, "Web")).flatMap(({ value }) =>
      entriesOf(option(value, "Handlers")).flatMap((handler) =>
        ["Proxy", "Path", "Text"].flatMap((name) => notText(handler.value, name)),
      ),
    ),
    ...entriesOf(option(node, "AllowFunnel")).flatMap(({ key, value }) =>
      wrong(value, key, "boolean", "true or false"),
    ),
  ]);
}

const program = "Tailscale";

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

function notBoolean(node: TreeNode, name: string): readonly InputProblem[] {
  return wrong(entry(node, name)?.value, name, "boolean", "true or false, without quotes");
}

function notText(node: TreeNode, name: string): readonly InputProblem[] {
  return wrong(entry(node, name)?.value, name, "string", "a text in quotes");
}

function wrong(
  node: TreeNode | undefined,
  name: string,
  kind: "boolean" | "string",
  expected: string,
): readonly InputProblem[] {
  if (node === undefined) return [];
  if (node.kind === "scalar" && (node.value === null || typeof node.value === kind || node.unresolved !== undefined))
    return [];
  return [refused(program, `\`${name}\` is not ${kind === "boolean" ? "a boolean" : "a text"}`, expected, node.place)];
}
