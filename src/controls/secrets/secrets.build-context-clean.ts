/**
 * `COPY . .` takes everything along that lies in the folder, also what nobody thought of.
 *
 * Reads:  repository-file.configuration (risks of a Dockerfile)
 * Passes: no secret and no Git history is copied with a folder.
 */
import { defineControl } from "../define.ts";
import { dockerfileOf, forbidRisks } from "../knowledge/build-risks.ts";

export const buildContextClean = defineControl({
  id: "secrets.build-context-clean",
  on: "repository-file",
  software: ["dockerfile"],
  severity: "medium",
  title: "Whole folders are copied into images without secrets",
  claim: "No image takes secrets along with a folder that is copied into it.",
  threat: "Whoever has the image has the `.env` file, the key or the whole history that lay in the folder.",
  remedy:
    "Name it in `.dockerignore` beside the build's folder (`.env`, `.env.*`, `*.pem`, `*.key`, `.git`), or copy what the image needs by name.",
  judged:
    "Fails for files that hold secrets and lie below a folder that is copied into the image, unless `.dockerignore` names them: medium, or low in stages of which only files are taken; `.git` at low, in the image alone. Files that are not there cannot be copied and are not judged.",
  limits:
    "The folder that the builder is given is known from Compose; for a Dockerfile alone it is the one that its sources lie in.",
  frameworks: { cisDocker: ["4.10"], owaspDocker: ["D06"], nistCsf: ["PR.DS-10"], coverage: ["S1"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "The image no longer has the file: a program that reads it there has to be given it when it starts.",
    edits(file, _system, { detail, place }) {
      const risk = dockerfileOf(file)?.risks.items.find(({ kind, name }) => detail === `${kind} ${name}`);
      // What means something else in `.dockerignore` is left to a person, and what a build counts on.
      if (
        risk?.ignoreFile === undefined ||
        risk.isNamed === true ||
        place?.kind !== "file" ||
        !/^[\w.@+-][\w./@+-]*$/.test(risk.name)
      )
        return undefined;
      const { path: shown } = place.source;
      const root = shown.endsWith(file.path) ? shown.slice(0, shown.length - file.path.length) : "";
      return [{ kind: "line", file: root + risk.ignoreFile, line: risk.name }];
    },
  },

  check(file) {
    return forbidRisks(
      file,
      {
        "secret-in-context": { inImage: "medium", elsewhere: "low" },
        "history-in-context": { inImage: "low", elsewhere: undefined },
      },
      "no secret lies in a folder that is copied",
      { remedyFor: ({ name }) => `Add \`${name}\` to \`.dockerignore\` in the build's folder.` },
    );
  },
});
