import type { DockerfileConfiguration } from "../../facts/configuration/dockerfile.ts";
import { complete, type Fact, incomplete, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Image, Ref, RepositoryFile } from "../../facts/subjects.ts";
import type { InputProblem } from "../../facts/system.ts";
import { placeAt } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { type ContextFiles, contextAt } from "./context.ts";
import { join } from "./ignore.ts";
import { type ParsedDockerfile, parseDockerfile } from "./parse.ts";
import { risksOfStep, type StepRisk } from "./risks.ts";
import { type BuildRequest, type FetchedImage, readStages, type Stages } from "./stages.ts";
import { splitWords } from "./words.ts";

/** Dockerfiles and Containerfiles that no service is seen to build; Compose reads those that its services do. */
export const dockerfileFormat: ConfigFormat = {
  name: "Dockerfile",
  mayBe: (path) => isDockerfileName(path.slice(path.lastIndexOf("/") + 1)),
  recognises: (_path, text) => looksLikeDockerfile(text),
  read: readAlone,
};

const named = /^(?:.+\.)?(?:dockerfile|containerfile)(?:[.-][\w.-]+)?$/i;
/** Ignore files, and templates that become one. */
const notOne = /\.(?:dockerignore|containerignore|j2|tmpl|tpl|template|erb|md|txt|ya?ml|json|sh|bak|orig)$/i;

export function isDockerfileName(name: string): boolean {
  return named.test(name) && !notOne.test(name);
}

/** A stage begins somewhere, and nothing but comments and `ARG` stands before it on lines of their own. */
function looksLikeDockerfile(text: string): boolean {
  return /^[ \t]*FROM[ \t\\]/im.test(text);
}

/** Characters of the longest Dockerfile that is read; nobody writes one by hand. */
const longest = 512 * 1024;

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
  file: Pick<TextFile, "text" | "source">,
  request: BuildRequest,
  files: ContextFiles,
  where: { readonly dockerfile: string | undefined; readonly context: string | undefined },
): ReadDockerfile {
  const place = placeAt(file.source, 0);
  if (file.text.length > longest) {
    const why = `the Dockerfile is longer than ${longest / 1024} KiB and was not read`;
    const problem: InputProblem = { severity: "warning", message: `${capital(why)}.`, place };
    const nothing = readStages({ instructions: [], mistake: undefined }, file.source, request);
    return {
      stages: nothing,
      configuration: {
        software: "dockerfile",
        user: unknown(why, place),
        dropsRootBy: unknown(why, place),
        risks: incomplete([], why, place),
      },
      problems: [problem],
    };
  }
  const parsed = parseDockerfile(file.text);
  const folder =
    where.context ?? (where.dockerfile === undefined ? undefined : likelyContext(parsed, where.dockerfile, files));
  const context = contextAt(files, folder, where.dockerfile);
  const found: { risk: StepRisk; stage: number }[] = [];
  const stages = readStages(parsed, file.source, request, (instruction, lookup, stage) => {
    for (const risk of risksOfStep(instruction, lookup, file.source, context)) found.push({ risk, stage });
  });
  const risks = found.map(({ risk, stage }) => ({ ...risk, inImage: stage === -1 || stages.inImage.has(stage) }));
  const problems = problemsOf(parsed, file);
  const broken = problems[0] === undefined ? undefined : "a line of the Dockerfile is no instruction";
  return {
    stages,
    configuration: {
      software: "dockerfile",
      user: stages.final?.user ?? unknown("the stage that is asked for is not in the Dockerfile", place),
      dropsRootBy: dropsRootBy(file),
      risks: broken === undefined ? complete(risks, place) : incomplete(risks, broken, place),
    },
    problems,
  };
}

function problemsOf(parsed: ParsedDockerfile, { source }: Pick<TextFile, "source">): readonly InputProblem[] {
  if (parsed.mistake === undefined) return [];
  const { keyword, offset } = parsed.mistake;
  return [
    {
      severity: "warning",
      message: `${keyword.slice(0, 40)} is no instruction of a Dockerfile; the line is passed over.`,
      hint: "Expected FROM, RUN, COPY, ENV, USER or another instruction; a line that goes on needs a backslash before it.",
      place: placeAt(source, offset),
    },
  ];
}

/** Programs by which an entrypoint that starts as root goes on as somebody else. */
const droppers = /\b(gosu|su-exec|s6-overlay|s6-setuidgid|setpriv|chpst|fixuid|runuser)\b/;

function dropsRootBy({ text, source }: Pick<TextFile, "text" | "source">): Fact<string> {
  const match = droppers.exec(text);
  return match === null ? unstated(placeAt(source, 0)) : stated(match[1] ?? "", placeAt(source, match.index));
}

/**
 * The folder that a Dockerfile's sources are in: its own, or the root for one that is kept in a folder of its own.
 * Undefined when neither holds what is copied.
 */
function likelyContext(parsed: ParsedDockerfile, dockerfile: string, { files }: ContextFiles): string | undefined {
  const own = dockerfile.includes("/") ? dockerfile.slice(0, dockerfile.lastIndexOf("/")) : "";
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function readAlone(input: ConfigInput): ConfigFacts {
  const { file, path, files, paths } = input;
  const request = { target: undefined, arguments: new Map() };
  const { configuration, stages, problems } = readDockerfile(
    file,
    request,
    { files, paths },
    { dockerfile: path, context: undefined },
  );
  const subject = configurationFile(input, configuration);
  return { subjects: [subject, ...fetchedImages(subject, stages.fetched)], problems, sources: [] };
}

/** The images that a build fetches, each once. */
export function fetchedImages(dockerfile: RepositoryFile, fetched: readonly FetchedImage[]): readonly Image[] {
  const seen = new Set<string>();
  return fetched.flatMap((image): Image[] => {
    const text = knownValue(image.reference)?.text;
    if (text !== undefined && seen.has(text)) return [];
    if (text !== undefined) seen.add(text);
    const { lens, platform } = dockerfile;
    const ref: Ref<"image"> = {
      kind: "image",
      system: dockerfile.ref.system,
      name: `${dockerfile.ref.name}/${text ?? "?"}`,
    };
    return [
      {
        kind: "image",
        ref,
        lens,
        platform,
        place: image.place,
        usedBy: dockerfile.ref,
        reference: image.reference,
        built: false,
        pullPolicy: unstated(image.place),
      },
    ];
  });
}
