/**
 * What a service asks nginx-proxy for by its variables.
 *
 * Source: nginx-proxy 1.6, docs/README.md, "Virtual Hosts and Ports": `VIRTUAL_HOST_MULTIPORTS`, in YAML or JSON, goes before
 * `VIRTUAL_HOST`, `VIRTUAL_PORT` and `VIRTUAL_PATH`; a name or a path that begins with `~` is a pattern.
 */
import { type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import { child, type MappingNode } from "../../formats/tree.ts";
import { parseYaml } from "../../formats/yaml/parse.ts";
import { type Place, Source } from "../../lib/place.ts";

/** A host and path that a service asks for. */
export interface AskedHost {
  readonly host: Fact<string>;
  readonly path: Fact<string>;
  /** Where none is stated, nginx-proxy chooses. */
  readonly port: Fact<number> | undefined;
  readonly place: Place;
}

const mostHosts = 50;
const severalVariable = "VIRTUAL_HOST_MULTIPORTS";

export function asksForHosts({ environment }: Container): boolean {
  return environment.items.some(({ name }) => name === "VIRTUAL_HOST" || name === severalVariable);
}

export function askedHosts(container: Container): readonly AskedHost[] {
  const several = variableOf(container, severalVariable);
  if (several !== undefined && several.value.kind !== "unstated") return withPorts(several);
  const hosts = variableOf(container, "VIRTUAL_HOST");
  if (hosts === undefined || hosts.value.kind === "unstated") return [];
  const { place } = hosts;
  const text = textOf(hosts);
  const names = text?.split(",", mostHosts).map((host) => host.trim());
  const found: readonly Fact<string>[] =
    names === undefined
      ? [unknown(whyUnseen(hosts), place)]
      : names.filter((host) => host !== "").map((host) => withoutPattern(host, place));
  const [path, port] = [pathOf(container, place), portOf(container)];
  return found.map((host) => ({ host, path, port, place }));
}

export function variableOf({ environment }: Container, name: string): EnvironmentVariable | undefined {
  return environment.items.findLast((variable) => variable.name === name);
}

export function textOf(variable: EnvironmentVariable | undefined): string | undefined {
  return variable === undefined ? undefined : knownValue(variable.value)?.reveal().trim();
}

function whyUnseen({ value }: EnvironmentVariable): string {
  return value.kind === "unknown" ? value.why : "it is not seen";
}

function withoutPattern(text: string, place: Place): Fact<string> {
  return text.startsWith("~") ? unknown("it is a pattern", place) : stated(text, place);
}

function pathOf(container: Container, place: Place): Fact<string> {
  const variable = variableOf(container, "VIRTUAL_PATH");
  if (variable === undefined) return stated("/", place);
  const text = textOf(variable);
  return text === undefined
    ? unknown("`VIRTUAL_PATH` is not seen", variable.place)
    : withoutPattern(text || "/", variable.place);
}

function portOf(container: Container): Fact<number> | undefined {
  const variable = variableOf(container, "VIRTUAL_PORT");
  return variable === undefined ? undefined : portFact(textOf(variable), "VIRTUAL_PORT", variable.place);
}

function portFact(text: string | undefined, name: string, place: Place): Fact<number> {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536
    ? stated(port, place)
    : unknown(`\`${name}\` is no port that is seen`, place);
}

/** Each host and path of the YAML; one that is not known where it cannot be read. */
function withPorts(variable: EnvironmentVariable): readonly AskedHost[] {
  const { place } = variable;
  const text = textOf(variable);
  if (text === "") return [];
  const hosts = text === undefined ? undefined : mappingIn(text);
  if (hosts === undefined) {
    const why = text === undefined ? whyUnseen(variable) : `\`${severalVariable}\` is no mapping of hosts`;
    return [{ host: unknown(why, place), path: unknown(why, place), port: unknown(why, place), place }];
  }
  return [...hosts.entries.values()].slice(0, mostHosts).flatMap(({ key, value }) => {
    const host = withoutPattern(key, place);
    if (value.kind !== "mapping" || value.entries.size === 0)
      return [{ host, path: stated("/", place), port: undefined, place }];
    return [...value.entries.values()].slice(0, mostHosts).map(({ key: path, value: settings }): AskedHost => {
      const port = child(settings, "port");
      const shown = port?.kind === "scalar" ? String(port.value) : undefined;
      const fact = port === undefined ? undefined : portFact(shown, `port in ${severalVariable}`, place);
      return { host, path: withoutPattern(path, place), port: fact, place };
    });
  });
}

function mappingIn(text: string): MappingNode | undefined {
  const { documents, problems } = parseYaml(new Source("", text), text);
  const [root] = documents;
  return problems.length === 0 && root?.kind === "mapping" ? root : undefined;
}
