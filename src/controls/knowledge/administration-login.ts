import { seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import { repositoryOf } from "../../facts/image-repository.ts";
import type { Container, EnvironmentVariable, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { type Administration, administrations, type LoginSwitch } from "./administration.ts";
import { switchesLoginOff } from "./login-switched-off.ts";
import { productOf } from "./products.ts";
import { unseenValue } from "./unseen-value.ts";

/** An admin interface as it is set up here. */
export interface SeenAdministration extends Pick<Administration, "name" | "which" | "commands"> {
  /** Whether it asks for a login; undefined where that cannot be told. */
  readonly login: boolean | undefined;
  /** Why not, as a clause. */
  readonly doubt?: string;
  /** Set where it stands open only by a setting that cannot be told: why, as a clause. */
  readonly openedIn?: { readonly doubt: string };
  /** What whoever comes may do by options that were given, as clauses. */
  readonly orders: readonly string[];
}

/** The admin interface that a workload has on a port; undefined where none is known. */
export function administrationAt(
  workload: Workload,
  port: number | undefined,
  system: System,
): SeenAdministration | undefined {
  const { repository, tag } = productOf(workload, system);
  const rows = rowsOf(workload, system);
  const container = rows.length === 0 ? undefined : containerOf(workload, repository, system);
  const asOpened = rows
    .filter(
      ({ ports, tags }) =>
        (ports === undefined || (port !== undefined && ports.includes(port))) &&
        (tags === undefined || (tag !== undefined && tags.test(tag))),
    )
    .map(({ openedBy, ...row }) => ({
      row,
      opened: openedBy ? openedAs(openedBy, workload, container, system) : true,
    }));
  const found = asOpened.find(({ opened }) => opened === true) ?? asOpened.find(({ opened }) => opened !== false);
  if (found === undefined) return undefined;
  const { row, opened } = found;
  const asks = container === undefined ? row.login : loginOf(row, container, system);
  const orders = container === undefined || asks === true ? [] : ordersOf(row, container);
  // What only shows figures, and now takes orders, is as grave as what holds data.
  const commands = orders.length > 0 && row.commands === "figures" ? "data" : row.commands;
  const openedIn = typeof opened === "boolean" ? undefined : opened;
  const common = {
    name: row.name,
    ...(row.which && { which: row.which }),
    commands,
    orders,
    ...(openedIn && { openedIn }),
  };
  return typeof asks === "boolean" ? { ...common, login: asks } : { ...common, login: undefined, doubt: asks.doubt };
}

/** Whether the image of a workload is known for an admin interface, on whatever port. */
export function mayHaveAdministration(workload: Workload, system: System): boolean {
  return rowsOf(workload, system).length > 0;
}

function rowsOf(workload: Workload, system: System): readonly Administration[] {
  const { image, repository } = productOf(workload, system);
  return administrations.get(repository.split("/").slice(-2).join("/")) ?? administrations.get(image) ?? [];
}

/** Whether a setting opens it: a variable before the program's own file. What is not seen of them may. */
function openedAs(
  openedBy: NonNullable<Administration["openedBy"]>,
  workload: Workload,
  container: Container | undefined,
  system: System,
): Answer {
  const answers = [
    container === undefined ? false : openedByVariable(openedBy, container),
    openedByFile(openedBy, workload, container, system),
  ];
  return answers.includes(true) || (answers.find((answer) => answer !== false) ?? false);
}

function openedByVariable(
  { variable, value }: NonNullable<Administration["openedBy"]>,
  { environment }: Container,
): Answer {
  const given = environment.items.filter(({ name }) => variable.test(name));
  if (given.some((each) => value.test(knownValue(each.value)?.reveal() ?? ""))) return true;
  const unseen = given.map(whyUnseen).find((why) => why !== undefined);
  if (unseen !== undefined) return { doubt: unseen };
  return environment.complete ? false : { doubt: `a variable may open it: ${environment.why}` };
}

function openedByFile(
  { software, files }: NonNullable<Administration["openedBy"]>,
  workload: Workload,
  container: Container | undefined,
  system: System,
): Answer {
  const lists = system.ownedBy(workload.ref, "repository-file").flatMap(({ configuration }) => {
    if (configuration?.software !== software) return [];
    return configuration.openDoors ?? [];
  });
  if (lists.some(({ items }) => items.some(({ allows }) => allows !== "figures"))) return true;
  const short = lists.find((list) => !list.complete);
  if (short?.complete === false) return { doubt: `its file may open it: ${short.why}` };
  const mounted = container === undefined || lists.length > 0 ? undefined : mountedOf(files, container, system);
  return mounted === undefined ? false : { doubt: `\`${mounted}\`, which may open it, is mounted and not read` };
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
  if (login) return !switchesLoginOff(container);
  if (asksWith === undefined) return login;
  const answers = [byVariable, byOption, byFile].map((look) => look(asksWith, container, system));
  if (answers.includes(true)) return true;
  return answers.find((answer) => answer !== false) ?? false;
}

/** As a clause; undefined where the value of a variable is seen. */
function whyUnseen(variable: EnvironmentVariable): string | undefined {
  const unseen = unseenValue(variable);
  return unseen && `\`${variable.name}\` cannot be resolved: ${unseen.why}`;
}

function byVariable({ variables, off, optionsIn, options }: LoginSwitch, { environment }: Container): Answer {
  for (const variable of environment.items) {
    const { name, value } = variable;
    const holdsOptions = optionsIn?.test(name) === true;
    if (!holdsOptions && variables?.test(name) !== true) continue;
    const unseen = whyUnseen(variable);
    if (unseen !== undefined) return { doubt: unseen };
    const text = knownValue(value)?.reveal().trim() ?? "";
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

function byFile({ files = [], software }: LoginSwitch, container: Container, system: System): Answer {
  const said = software === undefined ? undefined : saidInFile(software, container, system);
  if (said !== undefined) return said;
  const file = mountedOf(files, container, system);
  return file === undefined ? false : { doubt: `\`${file}\`, which may make it ask, is mounted and not read` };
}

/** What a file says that was read; undefined where none was. */
function saidInFile(software: string, { workload }: Container, system: System): Answer | undefined {
  const lists = system.ownedBy(workload, "repository-file").flatMap(({ configuration }) => {
    if (configuration?.software !== software) return [];
    return "openDoors" in configuration && configuration.openDoors !== undefined ? [configuration.openDoors] : [];
  });
  const [list] = lists;
  if (list === undefined) return undefined;
  if (lists.some(({ items }) => items.length > 0)) return false;
  const short = lists.find((each) => !each.complete);
  return short?.complete === false ? { doubt: `its file may say so: ${short.why}` } : true;
}

/** The file that is mounted there, or a folder that may hold it. A volume is filled by the program itself. */
function mountedOf(files: readonly string[], container: Container, system: System): string | undefined {
  if (files.length === 0) return undefined;
  for (const { target, type } of system.ownedBy(container.ref, "mount")) {
    const path = knownValue(target)?.replace(/\/+$/, "");
    const kind = knownValue(type);
    if (path === undefined || kind === "volume" || kind === "anonymous-volume" || kind === "tmpfs") continue;
    const file = files.find((each) => each === path || each.startsWith(`${path}/`));
    if (file !== undefined) return file;
  }
  return undefined;
}

function ordersOf({ orders = [] }: Administration, container: Container): readonly string[] {
  const words = seenStart(container).words.flatMap((word) => word.split(/\s+/));
  return orders.flatMap(({ option, means }) => (words.some((word) => option.test(word)) ? [means] : []));
}
