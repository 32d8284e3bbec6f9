import type { BuildRisk, BuiltProgram, DockerfileConfiguration } from "../../facts/configuration/dockerfile.ts";
import { complete, incomplete, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import { softwareOf } from "../../facts/knowledge/software.ts";
import type { InputProblem } from "../../facts/system.ts";
import { folderOf } from "../../lib/folder-of.ts";
import { type Place, placeAt } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { type ContextFiles, contextAt } from "./context.ts";
import { dropperIn } from "./drops-root.ts";
import { join } from "./ignore.ts";
import { isNamed } from "./named.ts";
import { type ParsedDockerfile, type PlaceOf, parseDockerfile } from "./parse.ts";
import { risksOfStep, type StepRisk } from "./risks.ts";
import type { Stage } from "./stage.ts";
import { type BuildRequest, readStages, type Stages } from "./stages.ts";
import { splitWords } from "./words.ts";

/** Characters of the longest Dockerfile that is read; nobody writes one by hand. */
const longest = 512 * 1024;

/** A Dockerfile's text, and how its places are told. */
export interface DockerfileText {
  readonly text: string;
  readonly placeOf: PlaceOf;
}

/** What one build makes of a Dockerfile. */
export interface ReadDockerfile {
  readonly stages: Stages;
  readonly configuration: DockerfileConfiguration;
  readonly problems: readonly InputProblem[];
}

/**
 * Reads a Dockerfile as a builder would that is given this target, these arguments and this folder (`undefined`: it is
 * looked for). `dockerfile` is its path within the root, undefined for one that is written inline.
 */
export function readDockerfile(
  file: DockerfileText,
  request: BuildRequest,
  files: ContextFiles,
  where: { readonly dockerfile: string | undefined; readonly context: string | undefined },
): ReadDockerfile {
  const { placeOf } = file;
  const place = placeOf(0);
  if (file.text.length > longest) return tooLong(file, request);
  const parsed = parseDockerfile(file.text);
  const folder =
    where.context ?? (where.dockerfile === undefined ? undefined : likelyContext(parsed, where.dockerfile, files));
  const context = contextAt(files, folder, where.dockerfile);
  const found: { risk: StepRisk; stage: number }[] = [];
  const droppers: { readonly by: string; readonly place: Place; readonly stage: number }[] = [];
  const stages = readStages(parsed, placeOf, request, (instruction, lookup, stage) => {
    for (const risk of risksOfStep(instruction, lookup, placeOf, context)) found.push({ risk, stage });
    const by = dropperIn(instruction);
    if (by !== undefined) droppers.push({ by, place: placeOf(instruction.offset), stage });
  });
  const dropper = droppers.find(({ stage }) => stages.inImage.has(stage));
  const risks = found.map(({ risk, stage }) => ({
    ...risk,
    ...(risk.ignoreFile !== undefined && isNamed(risk.name, parsed, files, { folder, dockerfile: where.dockerfile })
      ? { isNamed: true as const }
      : {}),
    inImage: stage === -1 || stages.inImage.has(stage),
  }));
  const { final } = stages;
  const problems = problemsOf(parsed, file);
  const broken = problems[0] === undefined ? undefined : "a line of the Dockerfile is no instruction";
  return {
    stages,
    configuration: {
      software: "dockerfile",
      user: final === undefined ? unknown(noStage, place) : writtenUser(final),
      program: final === undefined ? unknown(noStage, place) : stated(programOf(final), final.place),
      dropsRootBy: dropper === undefined ? unstated(place) : stated(dropper.by, dropper.place),
      risks: broken === undefined ? complete(distinct(risks), place) : incomplete(distinct(risks), broken, place),
    },
    problems,
  };
}

function tooLong({ placeOf }: DockerfileText, request: BuildRequest): ReadDockerfile {
  const why = `the Dockerfile is longer than ${longest / 1024} KiB and was not read`;
  const place = placeOf(0);
  return {
    stages: readStages({ instructions: [], mistake: undefined }, placeOf, request),
    configuration: {
      software: "dockerfile",
      user: unknown(why, place),
      program: unknown(why, place),
      dropsRootBy: unknown(why, place),
      risks: incomplete([], why, place),
    },
    problems: [{ severity: "warning", message: `T${why.slice(1)}.`, place }],
  };
}

const noStage = "the stage that is asked for is not in the Dockerfile";

/** What the Dockerfile itself states is no default of the image in it, as it is for whoever runs the image. */
function writtenUser({ user, userIsWritten }: Stage): DockerfileConfiguration["user"] {
  return userIsWritten === true && user.kind === "defaulted" ? stated(user.value, user.place) : user;
}

function programOf({ entrypoint, command, base, environment, userIsWritten }: Stage): BuiltProgram {
  const names = (fact: Stage["command"]) =>
    fact.kind !== "unstated" && !(fact.kind === "defaulted" && fact.value.length === 0);
  if (names(entrypoint) || names(command)) return "own";
  if (base.kind === "unstated" && environment.size === 0 && userIsWritten !== true) return "none";
  const repository = knownValue(base)?.repository;
  return repository !== undefined && softwareOf(repository) !== undefined
    ? "server of the base"
    : "whatever the base has";
}

/** One risk of a kind and name is told once, where it stands first: in the image rather than elsewhere. */
function distinct(risks: readonly BuildRisk[]): readonly BuildRisk[] {
  const found = new Map<string, BuildRisk>();
  for (const risk of risks) {
    const key = `${risk.kind}\0${risk.name}`;
    const known = found.get(key);
    if (known === undefined || (risk.inImage && !known.inImage)) found.set(key, risk);
  }
  return [...found.values()];
}

function problemsOf(parsed: ParsedDockerfile, { text, placeOf }: DockerfileText): readonly InputProblem[] {
  if (parsed.mistake === undefined) return hasStage(parsed, text) ? [] : [withoutStage(placeOf(0))];
  const { keyword, offset, isBare } = parsed.mistake;
  if (isBare === true) {
    return [
      {
        severity: "error",
        message: `${keyword} stands alone here, and no image is built from this Dockerfile.`,
        hint: `Write what ${keyword} is about behind it, such as \`${bareExamples[keyword] ?? `${keyword} …`}\`.`,
        place: placeOf(offset),
      },
    ];
  }
  return [
    {
      severity: "warning",
      message: `${keyword.slice(0, 40)} is no instruction of a Dockerfile; the line is passed over.`,
      hint: "Expected FROM, RUN, COPY, ENV, USER or another instruction; a line that goes on needs a backslash before it.",
      place: placeOf(offset),
    },
  ];
}

const bareExamples: Readonly<Record<string, string>> = { FROM: "FROM debian:13-slim", USER: "USER 10001" };

/** Another syntax (`# syntax=`) may begin in its own way, and a template becomes something else. */
function hasStage({ instructions }: ParsedDockerfile, text: string): boolean {
  return (
    instructions.some(({ keyword }) => keyword === "FROM") ||
    /^#[ \t]*syntax[ \t]*=[ \t]*(?!docker\/dockerfile)/im.test(text) ||
    /\{\{|\{%|<%/.test(text)
  );
}

function withoutStage(place: Place): InputProblem {
  return {
    severity: "warning",
    message: "This Dockerfile has no FROM, and no image is built from it.",
    hint: "Write `FROM` with an image first, or remove the file.",
    place,
  };
}

/**
 * The folder that a Dockerfile's sources are in: its own, or the root for one that is kept in a folder of its own.
 * Undefined when neither holds what is copied.
 */
function likelyContext(parsed: ParsedDockerfile, dockerfile: string, { files }: ContextFiles): string | undefined {
  const own = folderOf(dockerfile);
  const sources = parsed.instructions.flatMap(({ keyword, flags, text, textOffset }) => {
    if ((keyword !== "COPY" && keyword !== "ADD") || flags.some(({ name }) => name === "from")) return [];
    return splitWords(text, textOffset)
      .slice(0, -1)
      .map(({ raw }) => raw.replace(/^(?:\.?\/)+|\/+$/g, ""))
      .filter((raw) => /^[\w.][\w./@+-]*$/.test(raw) && raw !== ".");
  });
  if (sources.length === 0) return own;
  const holds = (folder: string) =>
    sources.some((path) => files.exists(join(folder, path)) || files.isFolder(join(folder, path)));
  if (holds(own)) return own;
  return own !== "" && holds("") ? "" : undefined;
}

export function textOf({ text, source }: TextFile): DockerfileText {
  return { text, placeOf: (offset) => placeAt(source, offset) };
}
