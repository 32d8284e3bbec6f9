import type { ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";

/** So many names are written out; more are counted. A statement must fit on a screen, and 500 names do not. */
const shown = 12;

/** `a`, `a and b`, `a, b and c`, `a, b, … and 488 more`. Empty for none. */
export function listed(names: readonly string[]): string {
  if (names.length > shown) return `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** The services for which something holds. */
export function servicesWith(
  stack: ResolvedStack,
  holds: (service: ResolvedService) => boolean,
): readonly ResolvedService[] {
  return stack.services.filter(holds);
}

export function namesOf(items: readonly { readonly name: string }[]): string {
  return listed(items.map((item) => item.name));
}

/** One sentence, or none where it would speak of nothing. */
export function sentence<T>(items: readonly T[], say: (items: readonly T[]) => string): readonly string[] {
  return items.length === 0 ? [] : [say(items)];
}

/** `512 MiB`, `1.5 GiB`. */
export function amount(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes >= 1024 ? `${round(mebibytes / 1024)} GiB` : `${round(mebibytes)} MiB`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Singular or plural, by the number of items. */
export function verb(items: readonly unknown[], one: string, many: string): string {
  return items.length === 1 ? one : many;
}
