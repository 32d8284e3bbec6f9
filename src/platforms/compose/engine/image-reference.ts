import type { ImageReference } from "../../../facts/subjects.ts";

/**
 * An image's name in its parts, or undefined for one that is named by its id alone. The part before the first slash
 * is a registry when it holds a dot or a colon, or is `localhost`, as the Docker client decides.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text === "" || /^(sha256:)?[0-9a-f]{64}$/.test(text)) return undefined;
  const [named = "", digest] = text.split("@", 2);
  const slash = named.indexOf("/");
  const first = slash === -1 ? "" : named.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  const path = hasRegistry ? named.slice(slash + 1) : named;
  const colon = path.lastIndexOf(":");
  const tag = colon > path.lastIndexOf("/") ? path.slice(colon + 1) : undefined;
  const repository = tag === undefined ? path : path.slice(0, colon);
  const registry = hasRegistry ? first : "docker.io";
  return {
    text,
    registry: registry === "index.docker.io" ? "docker.io" : registry,
    repository: registry === "docker.io" && !repository.includes("/") ? `library/${repository}` : repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
