import { seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import { repositoryOf } from "../../facts/image-repository.ts";
import { type Container, sameRef, type Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { type Administration, administrations, type LoginSwitch } from "./administration.ts";
import { productOf } from "./products.ts";

/** An admin interface as it is set up here. */
export interface SeenAdministration extends Pick<Administration, "name" | "which" | "commands"> {
  /** Whether it asks for a login; undefined where that cannot be told. */
  readonly login: boolean | undefined;
  /** Why not, as a clause. */
  readonly doubt?: string;
  /** What whoever comes may do by options that were given, as clauses. */
  readonly orders: readonly string[];
}

/** The admin interface that a workload has on a port; undefined where none is known. */
export function administrationAt(
  workload: Workload,
  port: number | undefined,
  system: System,
): SeenAdministration | undefined {
  const { image, repository, tag } = productOf(workload, system);
  const rows = administrations.get(repository.split("/").slice(-2).join("/")) ?? administrations.get(image) ?? [];
  const container = rows.length === 0 ? undefined : containerOf(workload, repository, system);
  const row = rows.find(
    ({ ports, tags, openedBy }) =>
      (ports === undefined || (port !== undefined && ports.includes(port))) &&
      (tags === undefined || (tag !== undefined && tags.test(tag))) &&
      (openedBy === undefined || isOpened(openedBy, workload, container, system)),
  );
  if (row === undefined) return undefined;
  const asks = container === undefined ? row.login : loginOf(row, container, system);
  const orders = container === undefined || asks === true ? [] : ordersOf(row, container);
  // What only shows figures, and now takes orders, is as grave as what holds data.
  const commands = orders.length > 0 && row.commands === "figures" ? "data" : row.commands;
  const common = { name: row.name, ...(row.which && { which: row.which }), commands, orders };
  return typeof asks === "boolean" ? { ...common, login: asks } : { ...common, login: undefined, doubt: asks.doubt };
}

function isOpened(
  { variable, value, software }: NonNullable<Administration["openedBy"]>,
  workload: Workload,
  container: Container | undefined,
  system: System,
): boolean {
  const byVariable = container?.environment.items.some(
    (each) => variable.test(each.name) && value.test(knownValue(each.value)?.reveal() ?? ""),
  );
  if (byVariable === true) return true;
  return system.all("repository-file").some(({ owner, configuration }) => {
    if (configuration?.software !== software || owner === undefined || !sameRef(owner, workload.ref)) return false;
    return configuration.openDoors?.items.some(({ allows }) => allows !== "figures") === true;
  });
}

/** In a pod of several the one that runs the product. */
function containerOf(workload: Workload, repository: string, system: System): Container | undefined {
  const containers = system.containersOf(workload);
  const runs = ({ image }: Container) =>
    image !== undefined && repositoryOf(system.get(image))?.toLowerCase() === repository;
  return containers.find(runs) ?? containers[0];
}

type Answer = boolean | { readonly doubt: string };

function loginOf({ login, asksWith }: Administration, container: Container, system: System): Answer {
  if (login || asksWith === undefined) return login;
  const answers = [byVariable, byOption, byFile].map((look) => look(asksWith, container, system));
  if (answers.includes(true)) return true;
  return answers.find((answer) => answer !== false) ?? false;
}

function byVariable({ variables, off, optionsIn, options }: LoginSwitch, { environment }: Container): Answer {
  for (const { name, value } of environment.items) {
    const holdsOptions = optionsIn?.test(name) === true;
    if (!holdsOptions && variables?.test(name) !== true) continue;
    if (value.kind === "unknown") return { doubt: `\`${name}\` cannot be resolved: ${value.why}` };
    const text = knownValue(value)?.reveal().trim();
    if (text === undefined) return { doubt: `\`${name}\` comes from the environment of whoever starts it` };
    if (holdsOptions && text.split(/\s+/).some((word) => options?.test(word) === true)) return true;
    if (!holdsOptions && text !== "" && off?.test(text) !== true) return true;
  }
  const mayBe = variables !== undefined || optionsIn !== undefined;
  return environment.complete || !mayBe ? false : { doubt: `a variable may make it ask: ${environment.why}` };
}

function byOption({ options, fileOption }: LoginSwitch, container: Container): Answer {
  if (options === undefined && fileOption === undefined) return false;
  const { words, open, hidden } = seenStart(container);
  const all = words.flatMap((word) => word.split(/\s+/));
  if (options !== undefined && all.some((word) => options.test(word))) return true;
  const file = all.find((word) => fileOption?.test(word) === true);
  if (file !== undefined) return { doubt: `\`${file.split("=")[0]}\` names a file that is not read` };
  const unsaid = open.find(({ start }) => options?.test(start) === true || fileOption?.test(start) === true) ?? hidden;
  return unsaid === undefined ? false : { doubt: `an option may make it ask: ${unsaid.why}` };
}

/** A file of this folder that is mounted there, or a folder that may hold it. A volume is filled by the program itself. */
function byFile({ files = [] }: LoginSwitch, container: Container, system: System): Answer {
  if (files.length === 0) return false;
  for (const { target, type } of system.ownedBy(container.ref, "mount")) {
    const path = knownValue(target)?.replace(/\/+$/, "");
    const kind = knownValue(type);
    if (path === undefined || kind === "volume" || kind === "anonymous-volume" || kind === "tmpfs") continue;
    const file = files.find((each) => each === path || each.startsWith(`${path}/`));
    if (file !== undefined) return { doubt: `\`${file}\`, which may make it ask, is mounted and not read` };
  }
  return false;
}

function ordersOf({ orders = [] }: Administration, container: Container): readonly string[] {
  const words = seenStart(container).words.flatMap((word) => word.split(/\s+/));
  return orders.flatMap(({ option, means }) => (words.some((word) => option.test(word)) ? [means] : []));
}
