import { RingwallError } from "../../../lib/error.ts";
import { LinearPattern } from "../../../lib/linear-pattern.ts";
import type { Place } from "../../../lib/place.ts";

/** Which values of a file are encrypted; at most one is stated, and the suffix `_unencrypted` counts where none is. */
export interface Selectors {
  readonly unencrypted_suffix?: string;
  readonly encrypted_suffix?: string;
  readonly unencrypted_regex?: string;
  readonly encrypted_regex?: string;
  readonly unencrypted_comment_regex?: string;
  readonly encrypted_comment_regex?: string;
}

export const selectorNames = [
  "unencrypted_suffix",
  "encrypted_suffix",
  "unencrypted_regex",
  "encrypted_regex",
  "unencrypted_comment_regex",
  "encrypted_comment_regex",
] as const satisfies readonly (keyof Selectors)[];

const defaultSuffix = "_unencrypted";

/** The one selector that is stated, or none; throws where two are. */
export function statedSelector(stated: Selectors, place: Place | undefined): Selectors {
  const names = selectorNames.filter((name) => (stated[name] ?? "") !== "");
  if (names.length > 1) {
    throw new RingwallError("invalid", `${names.join(" and ")} stand together; SOPS takes one of them only.`, {
      hint: "Keep the one that is meant.",
      ...(place === undefined ? {} : { place }),
    });
  }
  const [name] = names;
  return name === undefined ? {} : { [name]: stated[name] };
}

/** The same with SOPS's default. */
export function selectorsOf(stated: Selectors, place: Place | undefined): Selectors {
  const selector = statedSelector(stated, place);
  return Object.keys(selector).length === 0 ? { unencrypted_suffix: defaultSuffix } : selector;
}

export type Selects = (path: readonly string[], comments: readonly (readonly string[])[], comment: boolean) => boolean;

/**
 * Whether a value is encrypted, by the keys that lead to it and the comments before it.
 *
 * Source: getsops/sops v3.13.3, `sops.go` (`shouldBeEncrypted`).
 */
export function selectorFrom(selectors: Selectors, place: Place | undefined): Selects {
  const { unencrypted_suffix, encrypted_suffix, unencrypted_regex, encrypted_regex } = selectors;
  const { unencrypted_comment_regex, encrypted_comment_regex } = selectors;
  if (encrypted_suffix !== undefined) return (path) => path.some((key) => key.endsWith(encrypted_suffix));
  if (encrypted_regex !== undefined) return keyed(patternOf("encrypted_regex", encrypted_regex, place), true);
  if (unencrypted_regex !== undefined) return keyed(patternOf("unencrypted_regex", unencrypted_regex, place), false);
  if (unencrypted_comment_regex !== undefined) {
    const pattern = patternOf("unencrypted_comment_regex", unencrypted_comment_regex, place);
    return (_path, comments) => !comments.some((level) => level.some((text) => pattern.test(text)));
  }
  if (encrypted_comment_regex !== undefined) {
    const pattern = patternOf("encrypted_comment_regex", encrypted_comment_regex, place);
    // The comment that says so is not encrypted itself.
    return (_path, comments, comment) =>
      comments.some((level, at) =>
        level
          .slice(0, comment && at === comments.length - 1 ? level.length - 1 : undefined)
          .some((text) => pattern.test(text)),
      );
  }
  const suffix = unencrypted_suffix ?? defaultSuffix;
  return (path) => !path.some((key) => key.endsWith(suffix));
}

function keyed(pattern: LinearPattern, encrypted: boolean): Selects {
  return (path) => path.some((key) => pattern.test(key)) === encrypted;
}

/** A pattern as Go reads it; throws for one that Go does not know. */
export function patternOf(name: string, source: string, place: Place | undefined): LinearPattern {
  const pattern = LinearPattern.parse(source);
  if (pattern !== undefined) return pattern;
  throw new RingwallError("unsupported", `${name} cannot be read as one of Go's regular expressions.`, {
    hint: "Look-ahead and back-references are not known to Go; Unicode classes are not known here.",
    ...(place === undefined ? {} : { place }),
  });
}
