/**
 * What once was in a layer of an image stays in it for everybody who pulls it.
 *
 * Reads:  repository-file.configuration (risks of a Dockerfile)
 * Passes: no variable, argument, command or copied file of the Dockerfile holds a secret.
 */
import { defineControl } from "../define.ts";
import { forbidRisks } from "../knowledge/build-risks.ts";

export const imageFree = defineControl({
  id: "secrets.image-free",
  on: "repository-file",
  severity: "high",
  title: "No secret is built into an image",
  claim: "No image that is built here holds a secret.",
  threat:
    "`docker history` and `docker inspect` show variables, arguments and commands to everybody who has the image, and a file that a later step removes is still in the layer below.",
  remedy:
    "Take it out and replace the secret, for it is no longer one. At run time deliver it as a file; in a build mount it: `RUN --mount=type=secret,id=token` with `docker build --secret id=token,src=token.txt`.",
  judged:
    "Fails for `ENV`, `LABEL` and defaults of `ARG` whose name or looks say secret, for secrets in `RUN` commands, for `ARG`s that ask for one, and for copied `.env` files, keys and credentials; at low in stages of which only files are taken, and for values that anybody would try. Mounted build secrets pass. An argument that a Compose file gives is left to secrets.build-free.",
  limits:
    "A secret under an innocent name and of no known shape is not recognised; files that Git ignores are seen only where they are.",
  frameworks: { cisDocker: ["4.10"], owaspDocker: ["D06"], nistCsf: ["PR.DS-10"], coverage: ["S1", "S2"] },
  exposureMatters: false,

  check(file, system) {
    const given = new Set(
      file.owner === undefined
        ? []
        : (system.workload(file.owner)?.compose?.buildArguments ?? []).map(({ name }) => name),
    );
    return forbidRisks(
      file,
      {
        "secret-variable": { inImage: "high", elsewhere: "medium" },
        "guessable-variable": { inImage: "low", elsewhere: undefined, seenInContainer: true },
        "secret-default": { inImage: "high", elsewhere: "medium" },
        "secret-argument": { inImage: "medium", elsewhere: "low" },
        secret: { inImage: "high", elsewhere: "medium" },
        "secret-in-command": { inImage: "high", elsewhere: undefined, seenInContainer: true },
        "secret-file": { inImage: "medium", elsewhere: "low" },
      },
      "no secret is in the Dockerfile, or copied by its name",
      {
        toldElsewhere: ({ kind, name }) => kind === "secret-argument" && given.has(name),
        remedyFor: ({ kind, name }) =>
          kind === "secret-file"
            ? `Remove ${name} from the \`COPY\`, add it to \`.dockerignore\`, and give it to the container as a file when it runs.`
            : undefined,
      },
    );
  },
});
