/**
 * Files that `COPY` and `ADD` put into an image although they hold secrets.
 */
import { normalise } from "../../repository/files.ts";
import { type BuildContext, mayHoldSecret } from "./context.ts";
import type { Instruction, PlaceOf } from "./parse.ts";
import type { StepRisk } from "./risks.ts";
import { expandWord, jsonWords, type Lookup, splitWords } from "./words.ts";

/** So many files are named one by one; nobody reads on. */
const mostNamed = 5;

/** What is copied by its name, and what comes along with a folder. Nothing for what another stage or image gives. */
export function copyRisks(
  instruction: Instruction,
  lookup: Lookup,
  placeOf: PlaceOf,
  context: BuildContext,
): readonly StepRisk[] {
  if (instruction.flags.some(({ name }) => name === "from")) return [];
  const excluded = instruction.flags.filter(({ name }) => name === "exclude").map(({ value }) => value);
  return sourcesOf(instruction, lookup).flatMap(({ text, offset }) => {
    const path = within(text);
    if (path === undefined) return [];
    const place = placeOf(offset);
    if (path !== "" && mayHoldSecret(path)) return byName(path, context, place);
    return excluded.length === 0 && !/[*?[]/.test(path) ? withFolder(path, context, place) : [];
  });
}

interface CopySource {
  readonly text: string;
  readonly offset: number;
}

function sourcesOf(instruction: Instruction, lookup: Lookup): readonly CopySource[] {
  // A here-document holds what is copied itself.
  if (/<<-?["']?\w/.test(instruction.text)) return [];
  const json = jsonWords(instruction.text);
  const words =
    json === undefined
      ? splitWords(instruction.text, instruction.textOffset)
      : json.map((raw) => ({ raw, offset: instruction.textOffset }));
  return words.slice(0, -1).flatMap(({ raw, offset }) => {
    const { text, why } = expandWord(raw, lookup);
    return why === undefined ? [{ text, offset }] : [];
  });
}

/** A source as a path within the context; undefined for addresses and here-documents. */
function within(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(text)) return undefined;
  return normalise(text.replace(/^\/+/, ""));
}

function byName(path: string, context: BuildContext, place: StepRisk["place"]): StepRisk[] {
  if (context.ignores(path)) return [];
  const holds = context.holdsSecret(path);
  // Of keys and certificates the name says too little when the file is not here to be looked at.
  if (holds === false || (holds === undefined && !tellsByName.test(path))) return [];
  return [{ kind: "secret-file", name: path, what: `${path} is copied, which holds secrets`, place }];
}

const tellsByName =
  /(?:^|\/)(?:\.env(?:\.(?!example|sample|template|dist|test)[\w.-]+)?|id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|\.git-credentials|\.pgpass|\.vault-token|kubeconfig|terraform\.tfstate)$/;

function withFolder(path: string, context: BuildContext, place: StepRisk["place"]): StepRisk[] {
  const risks = context
    .secretsBelow(path)
    .filter((file) => !context.ignores(file))
    .slice(0, mostNamed)
    .map(
      (file): StepRisk => ({
        kind: "secret-in-context",
        name: file,
        what: `${file} is copied with the folder around it, and holds secrets`,
        ...(context.ignoreFile === undefined ? {} : { ignoreFile: context.ignoreFile }),
        place,
      }),
    );
  if (path !== "" || !context.hasHistory || context.ignores(".git") || context.ignores(".git/HEAD")) return risks;
  return [
    ...risks,
    {
      kind: "history-in-context",
      name: ".git",
      what: "`.git` is copied with the folder around it",
      ...(context.ignoreFile === undefined ? {} : { ignoreFile: context.ignoreFile }),
      place,
    },
  ];
}
