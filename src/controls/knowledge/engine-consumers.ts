/**
 * How a program is told that the engine is behind a proxy, where `DOCKER_HOST` says nothing to it; and what in it cannot work
 * so. By what `software.ts` calls it.
 *
 * Source: Traefik's reference, "Docker Provider" (`endpoint`); cAdvisor, `docs/runtime_options.md` (`--docker`); Portainer's
 * manual, "CLI configuration options" (`-H`); Diun's, "Docker provider" (`endpoint`).
 */
const told: Readonly<Record<string, string>> = {
  traefik: "the argument `--providers.docker.endpoint=tcp://socket-proxy:2375`",
  cadvisor: "the argument `--docker=tcp://socket-proxy:2375`",
  portainer: "the argument `-H tcp://socket-proxy:2375`",
  diun: "`DIUN_PROVIDERS_DOCKER_ENDPOINT: tcp://socket-proxy:2375`",
};

/** What puts a filtering proxy between a container and the engine, in words that its program understands. */
export function throughSocketProxy(software: readonly string[]): string {
  const known = software.map((name) => told[name]).find((each) => each !== undefined);
  return `Put a filtering proxy between: a service \`socket-proxy\` (\`tecnativa/docker-socket-proxy\`, or cetusguard with one list of rules for each consumer) on an internal network of its own, the only one with \`/var/run/docker.sock:/var/run/docker.sock:ro\`, and give the consumer ${known ?? "`DOCKER_HOST: tcp://socket-proxy:2375`"} and that network instead of the mount.`;
}
