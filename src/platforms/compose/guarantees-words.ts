import type { ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import { listed } from "../../lib/listed.ts";

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
