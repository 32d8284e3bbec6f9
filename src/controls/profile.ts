import type { Control } from "../contracts/control.ts";
import { type Judgement, rings, type Severity, severities } from "../contracts/verdict.ts";
import type { MappingEntry, TreeNode } from "../formats/tree.ts";
import { parseYaml } from "../formats/yaml/parse.ts";
import { DeclarationErrors, RingwallError } from "../lib/error.ts";
import { placeAt, type Source } from "../lib/place.ts";
import { didYouMean } from "../lib/suggest.ts";
import { reservedControls } from "./reserved.ts";

/** What of a profile the evaluator asks for. */
export interface ProfileTerms {
  /** Whether what cannot be told counts as what fails does. */
  readonly unknownCounts: boolean;
  /** Whether an exception without an end holds nothing. */
  readonly exceptionsMustEnd: boolean;
  /** Whether an exception that names nobody holds nothing. */
  readonly exceptionsNeedOwner: boolean;
}

/** What a check asks, and when it ends with 1: a file that a person can read and write. */
export interface CheckProfile extends ProfileTerms {
  readonly name: string;
  readonly failOn: Severity;
  /** By control's id, or `RING.*`: not asked, or the severity that its findings start from. */
  readonly controls: ReadonlyMap<string, Severity | "off">;
}

/** The profiles that come with Ringwall, in `profiles/`. A test holds these terms and the files equal. */
export const shippedProfiles = {
  homelab: { unknownCounts: false, exceptionsMustEnd: false, exceptionsNeedOwner: false },
  strict: { unknownCounts: true, exceptionsMustEnd: true, exceptionsNeedOwner: true },
} as const satisfies Readonly<Record<string, ProfileTerms>>;

export type ShippedProfile = keyof typeof shippedProfiles;

/** The terms of a profile, which may be given by the name of one that comes with Ringwall. */
export function termsOf(profile: ShippedProfile | ProfileTerms): ProfileTerms {
  return typeof profile === "string" ? shippedProfiles[profile] : profile;
}

const fields = ["name", "failOn", "unknownCounts", "exceptionsMustEnd", "exceptionsNeedOwner", "controls"] as const;
type Field = (typeof fields)[number];

/**
 * Reads a profile. `named` is what it is called where it does not say so itself; `known` are the controls that there are.
 * Throws `DeclarationErrors` with every mistake, each with its place.
 */
export function parseProfile(text: string, source: Source, named: string, known: readonly Control[]): CheckProfile {
  const reading = new Reading(source, known);
  const { documents, problems } = parseYaml(source, text);
  for (const { message, place } of problems) reading.mistakes.push(new RingwallError("invalid", message, { place }));
  if (reading.mistakes.length > 0) throw new DeclarationErrors(reading.mistakes);
  const [root] = documents;
  const profile = reading.profile(root, named);
  if (reading.mistakes.length > 0) throw new DeclarationErrors(reading.mistakes);
  return profile;
}

class Reading {
  readonly mistakes: RingwallError[] = [];
  readonly #source: Source;
  readonly #known: readonly Control[];

  constructor(source: Source, known: readonly Control[]) {
    this.#source = source;
    this.#known = known;
  }

  profile(root: TreeNode | undefined, named: string): CheckProfile {
    const written = new Map<Field, TreeNode>();
    if (root !== undefined && root.kind !== "mapping") this.#mistake("A profile is a mapping.", root);
    for (const entry of root?.kind === "mapping" ? root.entries.values() : []) this.#field(entry, written);
    return {
      name: this.#text(written.get("name")) ?? named,
      failOn: this.#severity(written.get("failOn"), "failOn") ?? "high",
      unknownCounts: this.#flag(written.get("unknownCounts"), "unknownCounts"),
      exceptionsMustEnd: this.#flag(written.get("exceptionsMustEnd"), "exceptionsMustEnd"),
      exceptionsNeedOwner: this.#flag(written.get("exceptionsNeedOwner"), "exceptionsNeedOwner"),
      controls: this.#controls(written.get("controls")),
    };
  }

  #field(entry: MappingEntry, written: Map<Field, TreeNode>): void {
    const field = fields.find((name) => name === entry.key);
    if (field !== undefined) {
      written.set(field, entry.value);
      return;
    }
    const hint = `It has ${fields.join(", ")}.`;
    const message = `A profile has no field "${entry.key}".${didYouMean(entry.key, fields)}`;
    this.mistakes.push(new RingwallError("invalid", message, { place: entry.keyPlace, hint }));
  }

  #controls(node: TreeNode | undefined): ReadonlyMap<string, Severity | "off"> {
    const asked = new Map<string, Severity | "off">();
    if (node === undefined || (node.kind === "scalar" && node.value === null)) return asked;
    if (node.kind !== "mapping") this.#mistake("`controls` is a mapping of controls to `off` or a severity.", node);
    for (const entry of node.kind === "mapping" ? node.entries.values() : []) {
      const value = this.#known.length === 0 || this.#isKnown(entry) ? this.#asked(entry) : undefined;
      if (value !== undefined) asked.set(entry.key, value);
    }
    return asked;
  }

  #isKnown({ key, keyPlace }: MappingEntry): boolean {
    const ids = this.#known.map(({ id }) => id);
    if (ids.includes(key) || rings.some((ring) => key === `${ring}.*`)) return true;
    const reserved = reservedControls.some(({ id }) => id === key);
    const message = reserved
      ? `What ${key} reports is always told: it says what was not judged, or what an exception hides.`
      : `There is no control "${key}".${didYouMean(key, ids)}`;
    const hint = "`ringwall controls` lists them; a whole ring is named as `detection.*`.";
    this.mistakes.push(new RingwallError("invalid", message, { place: keyPlace, ...(reserved ? {} : { hint }) }));
    return false;
  }

  #asked({ key, value }: MappingEntry): Severity | "off" | undefined {
    // Some programs take the bare word for a boolean.
    if (value.kind === "scalar" && (value.value === "off" || value.value === false)) return "off";
    return this.#severity(value, key, ["off", ...severities]);
  }

  #severity(node: TreeNode | undefined, field: string, words: readonly string[] = severities): Severity | undefined {
    if (node === undefined) return undefined;
    const found = severities.find((severity) => node.kind === "scalar" && severity === node.value);
    if (found === undefined) {
      const given = node.kind === "scalar" ? didYouMean(String(node.value), words) : "";
      this.#mistake(`\`${field}\` is one of ${words.join(", ")}.${given}`, node);
    }
    return found;
  }

  #flag(node: TreeNode | undefined, field: Field): boolean {
    if (node === undefined) return false;
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    this.#mistake(`\`${field}\` is true or false.`, node);
    return false;
  }

  #text(node: TreeNode | undefined): string | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "scalar" && typeof node.value === "string" && /^[\w.-]{1,60}$/.test(node.value))
      return node.value;
    this.#mistake("`name` is a word of letters, digits, dots and dashes.", node);
    return undefined;
  }

  #mistake(message: string, { place }: TreeNode): void {
    const at = place.kind === "file" ? place : placeAt(this.#source, 0);
    this.mistakes.push(new RingwallError("invalid", message, { place: at }));
  }
}

/** The controls as a profile asks them, and the ids of those that it does not ask. */
export function profiled(
  controls: readonly Control[],
  { controls: asked }: Pick<CheckProfile, "controls">,
): { readonly controls: readonly Control[]; readonly off: readonly string[] } {
  if (asked.size === 0) return { controls, off: [] };
  const wish = ({ id, ring }: Control) => asked.get(id) ?? asked.get(`${ring}.*`);
  return {
    controls: controls.flatMap((control) => {
      const how = wish(control);
      if (how === "off") return [];
      return how === undefined ? [control] : [startingFrom(how, control)];
    }),
    off: controls.filter((control) => wish(control) === "off").map(({ id }) => id),
  };
}

/** A control whose every finding starts from one severity, also where its cases differ. */
function startingFrom(severity: Severity, control: Control): Control {
  const from = (judgement: Judgement): Judgement =>
    judgement.severity === undefined ? judgement : { ...judgement, severity };
  return {
    ...control,
    severity,
    check: (subject, system) => {
      const answer = control.check(subject, system);
      return Array.isArray(answer) ? (answer as readonly Judgement[]).map(from) : from(answer as Judgement);
    },
  };
}
