import type { ImageReference } from "./subjects.ts";

/**
 * An image reference in its parts, as Docker's `distribution/reference` takes it, or undefined when it is none.
 * The first part of the path is a registry when it holds a dot or a port, or is `localhost`; one part alone stands for
 * `library/…` of Docker Hub. A reference without tag and digest has neither here: that `latest` is meant is for the
 * reader of the fact to say.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const at = text.indexOf("@");
  const digest = at === -1 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !/^[A-Za-z][A-Za-z0-9+.-]*:[0-9a-fA-F]{32,}$/.test(digest)) return undefined;
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  const tag = tagged ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) return undefined;
  const parts = (tagged ? named.slice(0, colon) : named).split("/");
  const registry = parts.length > 1 && isRegistry(parts[0] ?? "") ? parts.shift() : undefined;
  if (parts.some((part) => !/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(part))) return undefined;
  const host = registry === undefined || registry === "index.docker.io" ? "docker.io" : registry;
  return {
    text,
    registry: host,
    repository: host === "docker.io" && parts.length === 1 ? `library/${parts[0]}` : parts.join("/"),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function isRegistry(part: string): boolean {
  return part === "localhost" || /[.:]/.test(part) || part !== part.toLowerCase();
}
