import { isAlias, isScalar, LineCounter, parseAllDocuments, visit } from "yaml";
import { readRules } from "../../../formats/sops/rules.ts";
import { RingwallError } from "../../../lib/error.ts";
import { Source, wholeFile } from "../../../lib/place.ts";

/** What becomes of a public key in `.sops.yaml`. */
export interface KeyChange {
  /** The texts that are looked for; the first that fits counts. */
  readonly from: readonly string[];
  readonly to: string;
}

/** Adds the next key beside the former one. SOPS takes commas within every text that holds recipients. */
export function joinKeys(former: string, next: string): KeyChange {
  return { from: [`${former},${next}`, former], to: `${former},${next}` };
}

export function leaveNext(former: string, next: string): KeyChange {
  return { from: [`${former},${next}`, former], to: next };
}

export function leaveFormer(former: string, next: string): KeyChange {
  return { from: [`${former},${next}`], to: former };
}

/**
 * The text of a `.sops.yaml` with a public key changed wherever a value holds it. Nothing else changes: comments, order,
 * quotes, anchors and line breaks stay. Gives back the same text where no value has the key. Throws where the text is no
 * YAML, and where its rules would not say afterwards what they should.
 *
 * Recipients are a text with commas, or a list of such texts (getsops/sops v3.13.3, `age/keysource.go`,
 * `MasterKeysFromRecipients`), so that a comma within a text is right in every place where a key may stand.
 */
export function changeKey(path: string, text: string, change: KeyChange): string {
  if (!change.from.some((from) => text.includes(from))) return text;
  const changed = replaceWithin(text, scalarRanges(path, text), change);
  const wanted = recipientsOf(path, text).map((list) => expected(list, change));
  if (JSON.stringify(recipientsOf(path, changed)) === JSON.stringify(wanted)) return changed;
  throw new RingwallError("unsupported", `${path} names the key in a way that cannot be changed safely.`, {
    hint: `Write its recipients as \`age: KEY,KEY\` or as a list, one on a line. Expected: ${change.to} in the place of ${change.from.at(-1)}.`,
    place: wholeFile(new Source(path, text)),
  });
}

function scalarRanges(path: string, text: string): readonly (readonly [number, number])[] {
  const lines = new LineCounter();
  const ranges: (readonly [number, number])[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, strict: false, uniqueKeys: false })) {
    const [mistake] = "errors" in document ? document.errors : [];
    if (mistake !== undefined) {
      const { line } = lines.linePos(mistake.pos[0]);
      throw new RingwallError("syntax", `${path}:${line}: this is no YAML, so that nobody can tell its rules.`, {
        hint: "Mend it, then run the command again.",
      });
    }
    visit(document, (key, node) => {
      if (key === "key" || isAlias(node) || !isScalar(node)) return;
      const { range } = node;
      if (range !== undefined && range !== null) ranges.push([range[0], range[1]]);
    });
  }
  return ranges;
}

/** Public keys have no end but that no letter or digit follows. A pair may be two items of a list on one line. */
function replaceWithin(text: string, ranges: readonly (readonly [number, number])[], { from, to }: KeyChange): string {
  const pattern = new RegExp(`(?<![0-9a-z])(?:${from.join("|")})(?![0-9a-z])`, "g");
  const isValue = (at: number) => ranges.some(([start, end]) => start <= at && at < end);
  return text.replace(pattern, (found, at: number) => (isValue(at) ? to : found));
}

/** The recipients of each rule of age, in order. */
function recipientsOf(path: string, text: string): readonly (readonly string[])[] {
  const { rules } = readRules(new Source(path, text), text);
  return rules.map(({ recipients }) => recipients.map(({ kind, id }) => `${kind} ${id}`).sort());
}

function expected(list: readonly string[], { from, to }: KeyChange): readonly string[] {
  const whole = from[0] ?? "";
  const single = from.at(-1) ?? "";
  const leaving = new Set([...whole.split(","), ...single.split(",")].map((key) => `age ${key}`));
  const concerned =
    from.length === 1 ? whole.split(",").every((key) => list.includes(`age ${key}`)) : list.includes(`age ${single}`);
  if (!concerned) return list;
  return [...list.filter((id) => !leaving.has(id)), ...to.split(",").map((key) => `age ${key}`)].sort();
}
