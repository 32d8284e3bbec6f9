/**
 * As which user well-known base images start when a Dockerfile on top of them names none.
 *
 * Sources: for Docker Official Images the Dockerfiles in the repositories of docker-library and of their publishers
 * (those listed as root have no `USER`); GoogleContainerTools/distroless (`nonroot` is 65532); nginxinc/docker-nginx-
 * unprivileged (101); dotnet/dotnet-docker (`APP_UID` is 1654 since .NET 8, the default of the chiseled images alone).
 */
import type { ImageReference, UserIdentity } from "../subjects.ts";

const root: UserIdentity = { text: "root", uid: 0, name: "root" };

/**
 * Docker Official Images that start as root and stay it. The databases' images, which start as root and drop to a user
 * of their own, are not among them.
 */
const startAsRoot = new Set(
  `alpine almalinux amazoncorretto amazonlinux archlinux bash buildpack-deps busybox caddy centos composer debian docker
  eclipse-temurin elixir erlang fedora gcc golang haskell httpd julia maven nginx node openjdk oraclelinux perl php pypy
  python rockylinux ruby rust swift tomcat traefik ubuntu`
    .split(/\s+/)
    .map((name) => `library/${name}`),
);

/** The user that a base image starts as; undefined where it is not known. `scratch` has none, which is 0. */
export function userOfBaseImage(reference: ImageReference): UserIdentity | undefined {
  const { registry, repository, tag = "latest" } = reference;
  if (registry === "docker.io") {
    if (startAsRoot.has(repository)) return root;
    if (repository === "nginxinc/nginx-unprivileged") return { text: "101", uid: 101 };
    return undefined;
  }
  if (registry === "gcr.io" && repository.startsWith("distroless/"))
    return /(?:^|-)nonroot(?:-|$)/.test(tag) ? { text: "65532", uid: 65532 } : root;
  if (registry === "mcr.microsoft.com" && /^dotnet\/(?:sdk|aspnet|runtime|runtime-deps)$/.test(repository))
    return /chiseled|distroless/.test(tag) ? { text: "1654", uid: 1654 } : root;
  return undefined;
}

/** The user of an image built on nothing. */
export const userOfScratch: UserIdentity = { text: "0", uid: 0 };
