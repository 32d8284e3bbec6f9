import { seenCommand, seenEntrypoint, seenStart, type Unseen } from "../../facts/command-words.ts";
import { type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { isLoopback } from "../../lib/own-address.ts";

const mostText = 20_000;
const startsEngine = /(?:^|[\s/;&|])dockerd(?:-entrypoint\.sh)?(?:\s|$)/;
/** What the engine is told to listen on: `--host=tcp://0.0.0.0:2375`, `-H tcp://…`. */
const listensOn = /(?:^|\s)(?:--host|-H)[= ]?["']?(tcp:\/\/(\[[0-9a-f:.]{2,45}\]|[\w.-]{0,253})(?::\d{1,5})?)/gi;

/**
 * The address on which an engine inside a container takes orders without TLS, from more than the container's or pod's
 * own loopback. `unstated` where it runs none, or none that is seen to.
 *
 * Source: docker-library/docker, `dockerd-entrypoint.sh` (28): without words, or with options alone, the image listens on
 * `tcp://0.0.0.0:2376` with TLS, and on `tcp://0.0.0.0:2375` without it where `DOCKER_TLS_CERTDIR` is empty. moby v28,
 * `dockerd`: that `--tlsverify` is given at all turns TLS on, whatever `--tls` says.
 */
export function openEngineAddress(container: Container, system: System): Fact<string> {
  const { entrypoint, command, environment, place } = container;
  const image = engineImage(container, system);
  const { words } = seenCommand(container);
  const begun = seenEntrypoint(container);
  const { words: all, open: unsaid, hidden } = seenStart(container);
  const text = all.join(" ").slice(0, mostText);
  const withTls =
    /(?:^|\s)--tls(?:verify|=true|\s|$)/.test(text) ||
    unsaid.some(({ name }) => name === "--tlsverify") ||
    asksForTls(container);
  if (!startsEngine.test(text)) {
    // A first word that is not known may start the engine, or be an option of the image's own start.
    if (image === "engine" && hidden !== undefined && (begun.hidden ?? words[0]?.startsWith("-")) !== true)
      return unknown(hidden.why, hidden.place);
    if (image === "another" || entrypoint.kind !== "unstated" || /^[^-]/.test(words[0] ?? "")) return unstated(place);
    const folder = environment.items.findLast(({ name }) => name === "DOCKER_TLS_CERTDIR");
    if (folder === undefined || withTls) return unstated(place);
    if (folder.value.kind === "unknown") return unknown(folder.value.why, folder.place);
    if (knownValue(folder.value)?.equals("") !== true) return unstated(place);
    return image === "engine" ? stated("tcp://0.0.0.0:2375", folder.place) : unknown(image.why, image.place);
  }
  if (withTls) return unstated(place);
  const switched = unsaid.find(({ name }) => name === "--tls");
  if (switched !== undefined) return unknown(switched.why, switched.place);
  const open = [...text.matchAll(listensOn)].find(([, , host = ""]) => host !== "" && !isLoopback(host))?.[1];
  if (open !== undefined) return stated(open, command.kind === "unstated" ? entrypoint.place : command.place);
  const doubt = hidden ?? unsaid.find(({ name }) => name === "--host" || name === "-H");
  return doubt === undefined ? unstated(place) : unknown(doubt.why, doubt.place);
}

/** Whether an image is Docker's with an engine in it; why that is not known. */
function engineImage({ image }: Container, system: System): "engine" | "another" | Unseen {
  const found = image === undefined ? undefined : system.get(image);
  if (found === undefined) return "another";
  const { reference, likelyRepository } = found;
  const lastOf = (repository: string) => repository.split("/").at(-1) ?? "";
  if (reference.kind === "unknown")
    return likelyRepository === undefined || /^(?:docker|dind)$/.test(lastOf(likelyRepository)) ? reference : "another";
  const { repository = "", tag = "" } = knownValue(reference) ?? {};
  const last = lastOf(repository);
  return last === "dind" || (last === "docker" && /dind/.test(tag)) ? "engine" : "another";
}

function asksForTls({ environment }: Container): boolean {
  return environment.items.some(
    ({ name, value }) => name === "DOCKER_TLS_VERIFY" && (knownValue(value)?.reveal() ?? "") !== "",
  );
}
