/** The variables a project is interpolated with, and the variables its services are given by files. */
import type { MappingEntry, MappingNode, ScalarNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import type { FileFailure } from "../../../repository/file-failure.ts";
import { type DotenvText, parseDotenv, parseRawEnvironment, type Variable } from "./dotenv.ts";
import { linkedFile } from "./linked-file.ts";
import { isNull, mapping, mapValues, textOf, valueAt, withEntries, without } from "./nodes.ts";
import type { Session } from "./session.ts";
import { shownText } from "./shown-text.ts";
import type { Lookup } from "./template.ts";

export type Environment = ReadonlyMap<string, string>;

export function lookupIn(environment: Environment): Lookup {
  return (name) => environment.get(name);
}

/**
 * The environment with what `.env` files add; what is set already stays. `paths` are relative to the root.
 * A file that cannot be read is reported at `place`.
 */
export function withDotenv(
  base: Environment,
  paths: readonly string[],
  session: Session,
  place: (path: string) => Place,
): Environment {
  const own = new Map<string, string>();
  for (const path of paths) {
    const file = session.files.read(linkedFile(session.files, path));
    if (!file.ok) {
      session.error(file.message, place(path));
      continue;
    }
    session.environmentFiles.set(file.path, file.source);
    const parsed = parseDotenv(file.source, file.text, (name) => base.get(name) ?? own.get(name));
    reportDotenv(parsed, session);
    for (const variable of parsed.variables) {
      own.set(variable.name, variable.value);
      const why = variable.doubts[0]?.why;
      if (why !== undefined && !base.has(variable.name)) session.doubtfulVariables.set(variable.name, why);
    }
  }
  return new Map([...own, ...base]);
}

function reportDotenv(parsed: DotenvText, session: Session): void {
  if (parsed.problem !== undefined) session.error(parsed.problem.message, parsed.problem.place);
}

/** Every service with the variables and labels of its files, and the lists of those files taken out, as Compose does. */
export function resolveServiceFiles(root: MappingNode, environment: Environment, session: Session): MappingNode {
  const services = root.entries.get("services");
  if (services?.value.kind !== "mapping") return root;
  const resolved = mapValues(services.value, (service) =>
    service.kind === "mapping" ? withLabelFiles(withEnvironmentFiles(service, environment, session), session) : service,
  );
  return resolved === services.value ? root : withEntries(root, { ...services, value: resolved });
}

function withEnvironmentFiles(service: MappingNode, project: Environment, session: Session): MappingNode {
  const files = service.entries.get("env_file");
  if (files === undefined) return service;
  const written = valueAt(service, "environment");
  const own = written?.kind === "mapping" ? written.entries : new Map<string, MappingEntry>();
  const gathered = new FileVariables(own, project, session);
  if (files.value.kind === "sequence") {
    for (const item of files.value.items) gathered.add(item);
    if (files.value.incomplete !== undefined) gathered.miss(files.value.incomplete);
  } else if (!isNull(files.value)) gathered.miss("its `env_file` is no list of files");
  const entries = new Map([...gathered.entries, ...own]);
  const place = written?.place ?? files.keyPlace;
  const reason = (written?.kind === "mapping" ? written.incomplete : undefined) ?? gathered.incomplete;
  const environment: MappingNode = {
    ...mapping(entries, place),
    ...(reason === undefined ? {} : { incomplete: reason }),
  };
  const stripped = without(service, "env_file");
  if (entries.size === 0 && reason === undefined) return stripped;
  const known = service.entries.get("environment");
  return withEntries(stripped, {
    key: "environment",
    keyPlace: known?.keyPlace ?? files.keyPlace,
    value: environment,
    ...(known === undefined ? { implied: true as const } : {}),
  });
}

/** The variables of a service's `env_file`s, in their order; later files overrule earlier ones. */
class FileVariables {
  readonly entries = new Map<string, MappingEntry>();
  incomplete: string | undefined;
  readonly #session: Session;
  readonly #lookup: Lookup;
  readonly #values = new Map<string, string>();

  constructor(own: ReadonlyMap<string, MappingEntry>, project: Environment, session: Session) {
    this.#session = session;
    for (const [key, each] of own) {
      const text = textOf(each.value);
      if (text !== undefined) this.#values.set(key, text);
    }
    const stated = new Map(this.#values);
    this.#lookup = (name) => project.get(name) ?? stated.get(name);
  }

  /** Says that not all variables are known. */
  miss(why: string): void {
    this.incomplete ??= why;
  }

  add(item: TreeNode): void {
    const path = valueAt(item, "path");
    const text = textOf(path);
    if (text === undefined || path?.kind !== "scalar") {
      this.miss("an `env_file` of it names no path");
      return;
    }
    if (path.unresolved !== undefined) {
      this.miss(path.unresolved);
      return;
    }
    const { files } = this.#session;
    const file = files.read(linkedFile(files, rootRelative(text, this.#session)));
    if (file.ok)
      this.#take(
        file.path,
        parse(file, item, this.#lookup, (name) => this.#values.get(name), this.#session),
      );
    else this.#refuse(file, item, path);
  }

  #take(path: string, parsed: DotenvText | undefined): void {
    if (parsed === undefined) {
      this.miss(`the format of ${path} is not known`);
      return;
    }
    if (parsed.problem !== undefined) {
      reportDotenv(parsed, this.#session);
      this.miss(`${path} could be read in part only`);
    }
    for (const variable of parsed.variables) {
      this.#values.set(variable.name, variable.value);
      this.entries.set(variable.name, variableEntry(variable, this.#session));
    }
  }

  #refuse(failure: FileFailure, item: TreeNode, path: ScalarNode): void {
    const required = valueAt(item, "required");
    const optional = required?.kind === "scalar" && (required.value === false || required.value === "false");
    if (failure.reason === "missing" && optional) return;
    const message = `The \`env_file\` is not read: ${withoutText(failure)}`;
    if (failure.reason === "missing") {
      this.#session.warn(
        message,
        path.place,
        "Compose stops here until the file exists; it is often left out of a repository on purpose.",
      );
    } else this.#session.warn(message, path.place);
    this.miss(withoutText(failure).replace(/\.$/, ""));
  }
}

function parse(
  file: { readonly path: string; readonly text: string; readonly source: DotenvSource },
  item: TreeNode,
  lookup: Lookup,
  earlier: Lookup,
  session: Session,
): DotenvText | undefined {
  session.environmentFiles.set(file.path, file.source);
  const format = valueAt(item, "format");
  const name = textOf(format) ?? "";
  if (name === "raw") return parseRawEnvironment(file.source, file.text, lookup);
  if (name === "" || name === ".env") return parseDotenv(file.source, file.text, lookup, earlier);
  if (format !== undefined) {
    session.error(`The format ${shownText(name)} of an \`env_file\` is not known; expected \`raw\`.`, format.place);
  }
  return undefined;
}

type DotenvSource = Parameters<typeof parseDotenv>[0];

function variableEntry(variable: Variable, session: Session): MappingEntry {
  const doubt = variable.doubts[0];
  const value: ScalarNode = {
    kind: "scalar",
    value: variable.value,
    place: variable.valuePlace,
    ...(variable.interpolates.length > 0 ? { interpolates: variable.interpolates } : {}),
    ...(doubt === undefined ? {} : { unresolved: doubt.why }),
  };
  if (doubt !== undefined) session.doubt(value, variable.doubts);
  return { key: variable.name, keyPlace: variable.place, value };
}

function withLabelFiles(service: MappingNode, session: Session): MappingNode {
  const files = service.entries.get("label_file");
  if (files?.value.kind !== "sequence") return service;
  const written = valueAt(service, "labels");
  const entries = new Map<string, MappingEntry>();
  let incomplete = written?.kind === "mapping" ? written.incomplete : undefined;
  for (const item of files.value.items) {
    const text = textOf(item);
    const file = text === undefined ? undefined : session.files.read(rootRelative(text, session));
    if (file?.ok !== true) {
      const why = file?.message ?? "It names no path.";
      session.warn(`The \`label_file\` is not read: ${why}`, item.place);
      incomplete ??= why.replace(/\.$/, "");
      continue;
    }
    session.environmentFiles.set(file.path, file.source);
    const parsed = parseDotenv(file.source, file.text, (name) => textOf(entries.get(name)?.value));
    reportDotenv(parsed, session);
    for (const variable of parsed.variables) entries.set(variable.name, variableEntry(variable, session));
  }
  if (written?.kind === "mapping") for (const [key, each] of written.entries) entries.set(key, each);
  const labels: MappingNode = {
    ...mapping(entries, written?.place ?? files.keyPlace),
    ...(incomplete === undefined ? {} : { incomplete }),
  };
  const known = service.entries.get("labels");
  return withEntries(without(service, "label_file"), {
    key: "labels",
    keyPlace: known?.keyPlace ?? files.keyPlace,
    value: labels,
  });
}

/** A path of the model as `ConfinedFiles` wants it: what stands behind the base is taken off it. */
export function rootRelative(path: string, session: Session): string {
  const { base } = session;
  if (base === ".") return path;
  if (path === base) return ".";
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path;
}

/** What is said of a file; of one whose name may be a line in the wrong place, without the name. */
function withoutText({ message, path }: FileFailure): string {
  return /[\s=]/.test(path) ? message.replace(path, shownText(path)) : message;
}
