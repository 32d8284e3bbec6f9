/** So many names are written out; more are counted. A sentence must fit on a screen, and 500 names do not. */
const shown = 12;

/** `a`, `a and b`, `a, b and c`, `a, b, … and 488 more`. Empty for none. `count` where there are more than these. */
export function listed(names: readonly string[], count = names.length): string {
  if (count > shown) return `${names.slice(0, shown).join(", ")} and ${count - shown} more`;
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
