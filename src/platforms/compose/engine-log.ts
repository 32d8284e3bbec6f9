/**
 * What the engine's own configuration in the same repository makes of the logs of services that say nothing of them.
 *
 * Source: moby v29, `daemon/logs.go` (`mergeAndVerifyLogConfig`: without a driver a container gets the engine's, and of the
 * same driver every option that it does not state itself).
 */
import type { DockerDaemonConfiguration, EngineLogging } from "../../facts/configuration/docker-daemon.ts";
import { defaulted, knownValue, unknown } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import { dockerDaemonFormat } from "../../formats/docker-daemon/index.ts";
import type { Place } from "../../lib/place.ts";
import type { Repository } from "../../repository/repository.ts";
import { alone } from "../proxy-files.ts";

/** One file of an engine, and how it has logs kept; undefined where it does not start with it, or that is not all seen. */
interface EngineFile {
  readonly path: string;
  readonly logging: { readonly value: EngineLogging; readonly place: Place } | undefined;
}

const cache = new WeakMap<Repository, readonly EngineFile[]>();

/**
 * The system with the engine's own default where a service states no log driver: of the one `daemon.json` of the repository,
 * or of several that say the same. Where they do not, it is unknown. One in a folder of one machine (`hosts/nas/…`) says
 * nothing of projects in that of another.
 */
export function withEngineLog(system: System, repository: Repository, folder: string): System {
  const all = cache.get(repository) ?? engineFiles(repository);
  cache.set(repository, all);
  const files = all.filter(({ path }) => mayBeOfOneMachine(path, folder));
  const [first, ...others] = files;
  if (first === undefined || files.every(({ logging }) => logging === undefined || isUsual(logging.value)))
    return system;
  const shown = shownOf(first);
  const differing = others.find((each) => shownOf(each) !== shown);
  const change = (container: Container): Container =>
    differing === undefined ? withDefault(container, first) : inDoubt(container, first, differing);
  const { name, lens, platform, problems } = system;
  const subjects = system.subjects.map((each) => (each.kind === "container" ? change(each) : each));
  return new System({ name, lens, platform, subjects, problems });
}

/** As it is where the engine is told nothing: without a bound. */
function isUsual({ driver, options }: EngineLogging): boolean {
  return driver === "json-file" && options["max-size"] === undefined;
}

function shownOf({ logging }: EngineFile): string {
  return JSON.stringify([logging?.value.driver, Object.entries(logging?.value.options ?? {}).sort()]);
}

function withDefault(container: Container, { logging }: EngineFile): Container {
  if (logging === undefined) return container;
  const { value, place } = logging;
  const own = knownValue(container.logDriver);
  if (container.logDriver.kind === "unstated") return { ...container, logDriver: defaulted(value, "engine", place) };
  if (own === undefined || own.driver !== value.driver) return container;
  // Who states a size of his own states it.
  if (own.options["max-size"] !== undefined) return container;
  return {
    ...container,
    logDriver: defaulted({ ...own, options: { ...value.options, ...own.options } }, "engine", place),
  };
}

function inDoubt(container: Container, first: EngineFile, other: EngineFile): Container {
  if (container.logDriver.kind !== "unstated") return container;
  const why = `it is the engine's own default, of which \`${first.path}\` and \`${other.path}\` say different things`;
  return { ...container, logDriver: unknown(why, container.logDriver.place) };
}

function engineFiles(repository: Repository): readonly EngineFile[] {
  return repository.paths.flatMap((path): readonly EngineFile[] => {
    if (!dockerDaemonFormat.mayBe(path)) return [];
    const file = repository.files.glance(path);
    if (!file.ok || !dockerDaemonFormat.recognises(path, file.text)) return [];
    const { subjects, problems } = dockerDaemonFormat.read(alone(repository, file, path));
    const [subject] = subjects;
    const configuration = subject?.kind === "repository-file" ? subject.configuration : undefined;
    if (configuration?.software !== "docker-daemon") return [];
    const { logging } = configuration;
    const isWhole = problems.every(({ severity }) => severity !== "error") && startsWith(configuration);
    return [{ path, logging: isWhole && logging.kind === "stated" ? logging : undefined }];
  });
}

/** Whether all that is read of the file is resolved, and of the kind that the engine takes. */
function startsWith(configuration: DockerDaemonConfiguration): boolean {
  const { clientsVerified, firewall, firewall6, bridgeTraffic, usersRemapped, liveRestore, experimental } =
    configuration;
  const facts = [clientsVerified, firewall, firewall6, bridgeTraffic, usersRemapped, liveRestore, experimental];
  const lists = [configuration.addresses, configuration.weakRegistries];
  return (
    configuration.unseen === undefined &&
    facts.every(({ kind }) => kind !== "unknown") &&
    configuration.seccomp.kind !== "unknown" &&
    lists.every((list) => list.complete)
  );
}

const machines = /^(.*?(?:^|\/)(?:hosts?|machines?|servers?|nodes?|vms?|host_vars|inventor(?:y|ies))\/[^/]+)\/.+$/i;

/** Whether a file and a project do not lie in the folders of two machines. */
function mayBeOfOneMachine(path: string, folder: string): boolean {
  const own = machines.exec(path)?.[1];
  return own === undefined || folder === own || folder.startsWith(`${own}/`);
}
