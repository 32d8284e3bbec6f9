import { knownValue, unstated } from "../../facts/fact.ts";
import type { Image, RepositoryFile } from "../../facts/subjects.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { readDockerfile, textOf } from "./read.ts";
import type { FetchedImage } from "./stages.ts";

/** Dockerfiles and Containerfiles that no service is seen to build; Compose reads those that its services do. */
export const dockerfileFormat: ConfigFormat = {
  name: "Dockerfile",
  mayBe: (path) => isDockerfileName(path.slice(path.lastIndexOf("/") + 1)),
  recognises: (path, text) => looksLikeDockerfile(text) || isUnfinished(path, text),
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
  return /^[ \t]*FROM(?:[ \t\r\\]|$)/im.test(text);
}

/** One that is named so and has no stage: nothing stands in it, or instructions alone. */
function isUnfinished(path: string, text: string): boolean {
  if (!/(?:^|\/)(?:Dockerfile|Containerfile)$/.test(path)) return false;
  return text.trim() === "" || /^[ \t]*(?:RUN|COPY|ADD|ENV|USER|CMD|ENTRYPOINT|WORKDIR)[ \t]+\S/m.test(text);
}

function readAlone(input: ConfigInput): ConfigFacts {
  const { file, path, files, paths } = input;
  const request = { target: undefined, arguments: new Map() };
  const { configuration, stages, problems } = readDockerfile(
    textOf(file),
    request,
    { files, paths },
    { dockerfile: path, context: undefined },
  );
  // Of what builds nothing no more can be said.
  if (stages.final === undefined && problems.length > 0) return { subjects: [], problems, sources: [] };
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
    return [
      {
        kind: "image",
        ref: { kind: "image", system: dockerfile.ref.system, name: `${dockerfile.ref.name}/${text ?? "?"}` },
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
