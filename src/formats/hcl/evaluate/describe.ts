import type { HclExpression } from "../ast.ts";

/** The most characters of an expression that are shown. */
const longest = 80;

/**
 * An expression as a person wrote it, near enough to find it again. Texts are left out (`"…"`), for one may be a secret.
 */
export function describeExpression(expression: HclExpression): string {
  const shown = describe(expression, 6);
  return shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown;
}

function describe(expression: HclExpression, depth: number): string {
  if (depth === 0) return "…";
  const inner = (part: HclExpression) => describe(part, depth - 1);
  switch (expression.kind) {
    case "literal":
      return typeof expression.value === "string" ? '"…"' : String(expression.value);
    case "template":
      return '"…"';
    case "variable":
      return expression.name;
    case "member":
      return `${inner(expression.on)}.${expression.name}`;
    case "index":
      return `${inner(expression.on)}[${inner(expression.key)}]`;
    case "splat":
      return `${inner(expression.on)}[*]${inner(expression.each)}`;
    case "splat-item":
      return "";
    case "call":
      return `${expression.name}(${listed(expression.arguments.map(inner))}${expression.expands ? "..." : ""})`;
    case "tuple":
      return `[${listed(expression.items.map(inner))}]`;
    case "object":
      return "{…}";
    case "for":
      return expression.key === undefined
        ? `[for ${expression.valueName} in ${inner(expression.collection)} : …]`
        : `{for ${expression.valueName} in ${inner(expression.collection)} : …}`;
    case "conditional":
      return `${inner(expression.condition)} ? ${inner(expression.whenTrue)} : ${inner(expression.whenFalse)}`;
    case "binary":
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`;
    case "unary":
      return `${expression.operator}${inner(expression.operand)}`;
    case "parentheses":
      return `(${inner(expression.inner)})`;
  }
}

function listed(parts: readonly string[]): string {
  return parts.length > 4 ? `${parts.slice(0, 3).join(", ")}, …` : parts.join(", ");
}
