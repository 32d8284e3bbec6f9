import type { Token } from "./tokens.ts";

/** A whole number of at most nine digits; undefined for anything else. */
export function numberOf(token: Token | undefined): number | undefined {
  return token !== undefined && token.unresolved === undefined && /^\d{1,9}$/.test(token.text)
    ? Number(token.text)
    : undefined;
}
