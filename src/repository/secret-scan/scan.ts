import { assignedSecretsIn, bridgeSecretsIn, elementSecretsIn } from "./assigned.ts";
import { type FoundSecret, withoutOverlaps } from "./found.ts";
import { issuedSecretsIn, mayHoldIssued } from "./issuers.ts";
import { commandLoginsIn } from "./logins.ts";
import { pairedSecretsIn } from "./pairs.ts";
import { withoutSealed } from "./sealed.ts";
import { urlPasswordsIn } from "./url-passwords.ts";
import { isConfig, isExample } from "./worth-scanning.ts";

/** What is looked for: `issued`: tokens and keys, in any text; `all`: also passwords in addresses and under their names. */
export type ScanDepth = "issued" | "all";

/** More secrets of one file are not told apart: it is a list of them, and one look at it shows the rest. */
const mostOfOneText = 100;

/**
 * The secrets that stand in a text, in the order of their places. Where the path says documentation, example or test,
 * only tokens of issuers count: keys and passwords there are made up. Never throws, and takes time that grows with the
 * text alone.
 */
export function secretsIn(text: string, path: string, depth: ScanDepth): readonly FoundSecret[] {
  const example = isExample(path);
  const issued = mayHoldIssued(text) ? issuedSecretsIn(text, path).filter(({ by }) => !example || by === "issued") : [];
  if (depth === "issued" || example) return issued.slice(0, mostOfOneText);
  const assigned = isConfig(path) ? assignedSecretsIn(text) : /\.xml$/i.test(path) ? elementSecretsIn(text) : [];
  const paired = isConfig(path) ? pairedSecretsIn(text) : [];
  const logins = isConfig(path) && text.includes("curl") ? commandLoginsIn(text) : [];
  const bridges = /\.conf$/i.test(path) && /^connection/m.test(text) ? bridgeSecretsIn(text) : [];
  const found = withoutSealed(
    [...issued, ...urlPasswordsIn(text), ...assigned, ...paired, ...bridges, ...logins],
    text,
  );
  return withoutOverlaps(found).slice(0, mostOfOneText);
}
