import { RingwallError } from "../../lib/error.ts";

/** What somebody may do with a token, in the words of who issued it. */
export interface TokenScopes {
  /** `Cloudflare`, `GitHub`, `Vault`. */
  readonly issuer: string;
  /** Each power as a text that can be compared: `DNS Write on zone abc`, `repo`, `secret/data/x: read`. */
  readonly powers: readonly string[];
  /** Why there may be more powers than those, as a clause; undefined where they are all. */
  readonly incomplete: string | undefined;
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
  const missing = needed.filter((power) => !found.powers.includes(power));
  const surplus = found.powers.filter((power) => !needed.includes(power));
  const known = { surplus, missing: found.incomplete === undefined ? missing : [] };
  if (surplus.length > 0) {
    return { verdict: "too-wide", ...known, detail: `The token may do more than is needed: ${surplus.join(", ")}.` };
  }
  if (found.incomplete !== undefined) {
    return { verdict: "cannot-be-told", ...known, detail: `What the token may is not known: ${found.incomplete}.` };
  }
  if (missing.length > 0) {
    return { verdict: "too-narrow", ...known, detail: `The token may not do what is needed: ${missing.join(", ")}.` };
  }
  return { verdict: "right", ...known, detail: "The token may do what is needed, and nothing else." };
}

/** The issuer does not take the token at all: it was revoked, has expired, or was never one. */
export function deadToken(issuer: string): RingwallError {
  return new RingwallError("permission", `${issuer} does not accept the token.`, {
    hint: "It was revoked, it has expired, or it is another's; put a new one in its place.",
  });
}
