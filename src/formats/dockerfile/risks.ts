/**
 * What a Dockerfile does that weakens the image or hands out what it should keep, instruction by instruction.
 */
import type { BuildRisk } from "../../facts/configuration/dockerfile.ts";
import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { turnsVerificationOff } from "../shell/downloads.ts";
import { isSetUserId, isWorldWritable } from "../shell/permissions.ts";
import { packageListsAlone, risksOf, risksOfArguments } from "../shell/risks.ts";
import type { BuildContext } from "./context.ts";
import { copyRisks } from "./copies.ts";
import type { Instruction, PlaceOf } from "./parse.ts";
import { assignmentsOf } from "./values.ts";
import { expandWord, jsonWords, type Lookup, splitWords } from "./words.ts";

/** A risk without its stage's part in the image, which is known once all stages are read. */
export type StepRisk = Omit<BuildRisk, "inImage">;

/** What one instruction risks. Never holds a secret's text. */
export function risksOfStep(
  instruction: Instruction,
  lookup: Lookup,
  placeOf: PlaceOf,
  context: BuildContext,
): readonly StepRisk[] {
  switch (instruction.keyword) {
    case "ENV":
    case "LABEL":
      return variableRisks(instruction, lookup, placeOf);
    case "ARG":
      return argumentRisks(instruction, lookup, placeOf);
    case "RUN":
      return [...runRisks(instruction, placeOf), ...confinementRisks(instruction, placeOf)];
    case "CMD":
    case "ENTRYPOINT":
      return commandRisks(instruction, placeOf);
    case "ADD":
      return [...addRisks(instruction, lookup, placeOf), ...copyRisks(instruction, lookup, placeOf, context)];
    case "COPY":
      return [...modeRisks(instruction, placeOf), ...copyRisks(instruction, lookup, placeOf, context)];
    default:
      return [];
  }
}

function variableRisks(instruction: Instruction, lookup: Lookup, placeOf: PlaceOf): readonly StepRisk[] {
  return assignmentsOf(instruction).flatMap(({ name, value, offset }): StepRisk[] => {
    const { text, why, uses } = expandWord(value, lookup);
    const place = placeOf(offset);
    // What an argument gives is told of where the argument stands.
    if (why !== undefined || uses.length > 0) return passedOn(name, instruction, place, uses);
    if (turnsVerificationOff(name, text))
      return [
        { kind: "certificates-unverified-at-run", name, what: `${name} makes programs take any certificate`, place },
      ];
    const kind = classifySecret(name, new Sensitive(text));
    if (kind === "literal-secret")
      return [{ kind: "secret-variable", name, what: `${name} holds a secret`, value: new Sensitive(text), place }];
    return kind === "weak-default"
      ? [
          {
            kind: "guessable-variable",
            name,
            what: `${name} holds a value that anybody would try`,
            value: new Sensitive(text),
            place,
          },
        ]
      : [];
  });
}

/** `ENV TOKEN=$TOKEN` keeps in the image what the builder gave. */
function passedOn(
  name: string,
  { keyword }: Instruction,
  place: StepRisk["place"],
  uses: readonly string[],
): StepRisk[] {
  if (keyword !== "ENV" || !namesSecret(name) || !uses.some(namesSecret)) return [];
  return [
    { kind: "secret-variable", name, what: `${name} keeps in the image what ${uses.find(namesSecret)} gives`, place },
  ];
}

function argumentRisks(instruction: Instruction, lookup: Lookup, placeOf: PlaceOf): readonly StepRisk[] {
  return splitWords(instruction.text, instruction.textOffset).flatMap(({ raw, offset }): StepRisk[] => {
    const at = raw.indexOf("=");
    const name = at === -1 ? raw : raw.slice(0, at);
    const place = placeOf(offset);
    const given = at === -1 ? "" : expandWord(raw.slice(at + 1), lookup).text;
    if (given === "")
      return namesSecret(name)
        ? [{ kind: "secret-argument", name, what: `${name} asks for a secret as a build argument`, place }]
        : [];
    return classifySecret(name, new Sensitive(given)) === "literal-secret"
      ? [
          {
            kind: "secret-default",
            name,
            what: `${name} has a secret as its default`,
            value: new Sensitive(given),
            place,
          },
        ]
      : [];
  });
}

function runRisks({ text, textOffset, offset }: Instruction, placeOf: PlaceOf): readonly StepRisk[] {
  const words = jsonWords(text);
  const found = words === undefined ? risksOf(text, textOffset) : risksOfArguments(words, textOffset);
  const lists = words === undefined ? packageListsAlone(text) : undefined;
  return [
    ...found.map(
      ({ offset: at, ...risk }): StepRisk => ({
        ...risk,
        name: risk.what,
        place: placeOf(at),
      }),
    ),
    ...(lists === undefined
      ? []
      : [
          {
            kind: "package-lists-alone" as const,
            name: "package lists",
            what: "package lists are fetched in a layer of their own, which later builds take from the cache",
            place: placeOf(offset),
          },
        ]),
  ];
}

/** What a container is started with; what it does then is told of the scripts of a build alone. */
function commandRisks({ keyword, text, textOffset }: Instruction, placeOf: PlaceOf): readonly StepRisk[] {
  const words = jsonWords(text);
  // Options alone are for the program of the entrypoint.
  const whole = words?.[0]?.startsWith("-") === true ? [keyword, ...words] : words;
  const found = whole === undefined ? risksOf(text, textOffset) : risksOfArguments(whole, textOffset);
  return found.flatMap(({ kind, what, value, offset }): StepRisk[] =>
    kind === "secret"
      ? [{ kind: "secret-in-command", name: what, what, ...(value && { value }), place: placeOf(offset) }]
      : [],
  );
}

function confinementRisks({ flags }: Instruction, placeOf: PlaceOf): readonly StepRisk[] {
  return flags.flatMap(({ name, value, offset }): StepRisk[] => {
    const open = (name === "security" && value === "insecure") || (name === "network" && value === "host");
    return open
      ? [
          {
            kind: "unconfined-step",
            name: `${name}=${value}`,
            what: name === "security" ? "a step runs with all privileges" : "a step runs in the host's network",
            place: placeOf(offset),
          },
        ]
      : [];
  });
}

/** `COPY --chmod=777`. */
function modeRisks({ flags }: Instruction, placeOf: PlaceOf): readonly StepRisk[] {
  return flags.flatMap(({ name, value, offset }): StepRisk[] => {
    if (name !== "chmod") return [];
    const place = placeOf(offset);
    if (isSetUserId(value))
      return [{ kind: "set-user-id", name: value, what: "what is copied gets the set-user-id bit", place }];
    return isWorldWritable(value)
      ? [{ kind: "world-writable", name: value, what: "what is copied becomes writable by everybody", place }]
      : [];
  });
}

/** `ADD https://…` takes what comes unless a checksum says what it must be; one of a Git commit is its own. */
function addRisks(instruction: Instruction, lookup: Lookup, placeOf: PlaceOf): readonly StepRisk[] {
  const verified = instruction.flags.some(({ name, value }) => name === "checksum" && value !== "");
  const words = splitWords(instruction.text, instruction.textOffset);
  const downloads = words.slice(0, -1).flatMap(({ raw, offset }): StepRisk[] => {
    const { text } = expandWord(raw.replace(/^\[|,$/g, ""), lookup);
    const host = /^https?:\/\/(?:[^/\s@]{0,200}@)?([^/\s:?#]{1,253})/i.exec(text)?.[1];
    if (host === undefined || verified || /\.git(?:[#?].{0,500})?$/.test(text)) return [];
    const plain = /^http:/i.test(text) ? " over plain HTTP" : "";
    return [
      {
        kind: "unverified-download",
        name: host,
        what: `a file from ${host} is added${plain} without a checksum`,
        place: placeOf(offset),
      },
    ];
  });
  return [...downloads, ...modeRisks(instruction, placeOf)];
}
