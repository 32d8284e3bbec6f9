import type { HeaderOperation, HeadersHandler } from "../caddy-json/model.ts";
import { textOf } from "./matchers.ts";
import type { Token } from "./tokens.ts";
import type { Line } from "./tree.ts";

/**
 * `header`, in one line or a block. Those with a `?`, which only fill in what is missing, make a handler of their own,
 * as in Caddy.
 */
export function headerHandlers({ args, block, place }: Line): readonly HeadersHandler[] {
  const lines = block ?? [];
  const conditional = lines.some(({ name }) => name.text === "match");
  const own = args.length > 0 ? [operation(args)] : [];
  const inside = lines.flatMap(({ name, args: rest }) =>
    name.text === "defer" || name.text === "match" ? [] : [operation([withoutColon(name), ...rest])],
  );
  const all = [...own, ...inside].flatMap((each) => each ?? []);
  const always = all.filter(({ fills }) => !fills).map(({ operation: each }) => each);
  const filling = all.filter(({ fills }) => fills).map(({ operation: each }) => each);
  return [
    ...(always.length > 0 ? [{ kind: "headers" as const, operations: inCaddysOrder(always), conditional, place }] : []),
    ...(filling.length > 0 ? [{ kind: "headers" as const, operations: filling, conditional: false, place }] : []),
  ];
}

/** Adding comes before setting, that before deleting, that before replacing, in whatever order they are written. */
export function inCaddysOrder(operations: readonly HeaderOperation[]): readonly HeaderOperation[] {
  return (["add", "set", "delete", "replace"] as const).flatMap((action) =>
    operations.filter((operation) => operation.action === action),
  );
}

/** One header's change; undefined where no field is named. */
export function operation(
  words: readonly Token[],
): { readonly operation: HeaderOperation; readonly fills: boolean } | undefined {
  const [field, value, replacement] = words;
  if (field === undefined) return undefined;
  const { sign, name } = signOf(field.text);
  const { place } = field;
  const known = value === undefined ? { text: "", place } : textOf(value);
  if (sign === "-") return { operation: { action: "delete", name, value: undefined, place }, fills: false };
  if (sign === "+") return { operation: { action: "add", name, value: known, place }, fills: false };
  if (sign === "?") return { operation: { action: "set", name, value: known, place }, fills: true };
  if (replacement !== undefined)
    return { operation: { action: "replace", name, value: undefined, place }, fills: false };
  return { operation: { action: "set", name, value: known, place }, fills: false };
}

/** In a block people write `Name: value`, and Caddy takes the colon off; on the line of `header` it does not. */
function withoutColon(field: Token): Token {
  return { ...field, text: field.text.replace(/:$/, "") };
}

function signOf(field: string): { readonly sign: string; readonly name: string } {
  const first = field.charAt(0);
  return /[-+?>]/.test(first) ? { sign: first, name: field.slice(1) } : { sign: "", name: field };
}
