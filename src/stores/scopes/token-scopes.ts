import { RingwallError } from "../../lib/error.ts";

/** What somebody may do with a token, in the words of who issued it. */
export interface TokenScopes {
  /** `Cloudflare`, `GitHub`, `Vault`. */
  readonly issuer: string;
  /** Each power as a text that can be compared: `DNS Write on zone abc`, `repo`, `secret/data/x: read`. */
  readonly powers: readonly string[];
  /** Why there may be more powers than those, as a clause; undefined where they are all. */
  readonly incomplete: string | undefined;
  /** Where `incomplete` is set: whether the powers hold all that was asked for, so that what is needed and missing is known. */
  readonly answersAll?: boolean;
  /** When it ends by itself, as ISO 8601; null for never; undefined where nobody says. */
  readonly expires: string | null | undefined;
}

/** How a token compares with what it is for. */
export interface ScopeComparison {
  readonly verdict: "right" | "too-wide" | "too-narrow" | "cannot-be-told";
  /** Powers that nothing here needs. */
  readonly surplus: readonly string[];
  /** Powers that are needed and not there. */
  readonly missing: readonly string[];
  /** A sentence for a person, without the token. */
  readonly detail: string;
}

/**
 * Compares what a token may with what is needed. A power that is too much counts even where the rest cannot be told;
 * `right` is said only where everything is known.
 */
export function compareScopes(found: TokenScopes, needed: readonly string[]): ScopeComparison {
  const missing = needed.filter((power) => !found.powers.some((held) => covers(held, power)));
  const surplus = found.powers.filter((power) => !needed.includes(power));
  const isKnown = found.incomplete === undefined || found.answersAll === true;
  const known = { surplus, missing: isKnown ? missing : [] };
  const lacks = `The token may not do what is needed: ${some(known.missing)}.`;
  if (surplus.length > 0) {
    const wide = `The token may do more than is needed: ${some(surplus)}.`;
    return { verdict: "too-wide", ...known, detail: known.missing.length === 0 ? wide : `${wide} ${lacks}` };
  }
  if (known.missing.length > 0) return { verdict: "too-narrow", ...known, detail: lacks };
  if (found.incomplete !== undefined) {
    const told = found.answersAll === true ? "The token may do what is needed; whether it may do more" : "What it may";
    return { verdict: "cannot-be-told", ...known, detail: `${told} is not known: ${found.incomplete}.` };
  }
  return { verdict: "right", ...known, detail: "The token may do what is needed, and nothing else." };
}

/** Whether who has one power needs the other no more: `DNS Write on zone *`, `everything: root`. */
function covers(held: string, needed: string): boolean {
  if (held === needed || held.startsWith("everything: ")) return true;
  return held.endsWith(" *") && needed.startsWith(held.slice(0, -1));
}

/** The first few: a token that may nothing lacks much, and one sentence is read. */
function some(powers: readonly string[]): string {
  const shown = 6;
  const rest = powers.length - shown;
  return `${powers.slice(0, shown).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** The issuer does not take the token at all: it was revoked, has expired, or was never one. */
export function deadToken(issuer: string): RingwallError {
  return new RingwallError("permission", `${issuer} does not accept the token.`, {
    hint: "It was revoked, it has expired, or it is another's; put a new one in its place.",
  });
}
