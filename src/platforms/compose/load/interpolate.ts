import type { ScalarNode, ScalarValue, TreeNode } from "../../../formats/tree.ts";
import { castNumber, toBoolean } from "./casts.ts";
import { foreignTemplateIn, foreignWhy } from "./foreign-template.ts";
import { mapItems, mapValues } from "./nodes.ts";
import { below, type Rules, rulesOf } from "./rules.ts";
import type { Session } from "./session.ts";
import { shownText } from "./shown-text.ts";
import { type Lookup, type Substituted, substitute } from "./template.ts";

type Cast = "integer" | "float" | "boolean";
/** A path stays a text; `$PWD` at its start stands for the project's folder. */
type Rule = Cast | "path";

/** Where Compose turns every text, interpolated or not, into another type. Source: compose-go v2.9.1, `loader/interpolate.go`. */
const casts: Rules<Rule> = rulesOf<Rule>({
  "services.*.volumes.*": "path",
  "services.*.volumes.*.source": "path",
  "services.*.cpu_count": "integer",
  "services.*.cpu_percent": "float",
  "services.*.cpu_period": "integer",
  "services.*.cpu_quota": "integer",
  "services.*.cpu_rt_period": "integer",
  "services.*.cpu_rt_runtime": "integer",
  "services.*.cpus": "float",
  "services.*.cpu_shares": "integer",
  "services.*.init": "boolean",
  "services.*.deploy.replicas": "integer",
  "services.*.deploy.update_config.parallelism": "integer",
  "services.*.deploy.update_config.max_failure_ratio": "float",
  "services.*.deploy.rollback_config.parallelism": "integer",
  "services.*.deploy.rollback_config.max_failure_ratio": "float",
  "services.*.deploy.restart_policy.max_attempts": "integer",
  "services.*.deploy.placement.max_replicas_per_node": "integer",
  "services.*.healthcheck.retries": "integer",
  "services.*.healthcheck.disable": "boolean",
  "services.*.oom_kill_disable": "boolean",
  "services.*.oom_score_adj": "integer",
  "services.*.pids_limit": "integer",
  "services.*.ports.*.target": "integer",
  "services.*.privileged": "boolean",
  "services.*.read_only": "boolean",
  "services.*.scale": "integer",
  "services.*.stdin_open": "boolean",
  "services.*.tty": "boolean",
  "services.*.ulimits.*": "integer",
  "services.*.ulimits.*.hard": "integer",
  "services.*.ulimits.*.soft": "integer",
  "services.*.volumes.*.read_only": "boolean",
  "services.*.volumes.*.volume.nocopy": "boolean",
  "networks.*.external": "boolean",
  "networks.*.internal": "boolean",
  "networks.*.attachable": "boolean",
  "networks.*.enable_ipv4": "boolean",
  "networks.*.enable_ipv6": "boolean",
  "volumes.*.external": "boolean",
  "secrets.*.external": "boolean",
  "configs.*.external": "boolean",
});

/** What a variable begins with, or what another program fills in, blanked out or not. */
const mayBeReplaced = /\$|\{\{|\uE000/;

/** What people write for the folder that they call Compose in: the project's own, but for those who name the file. */
const workingFolder = /^\$(?:PWD|\{PWD\})(?=[/:]|$)/;

/**
 * A Compose file's tree with its variables replaced and the texts of typed fields cast.
 * What is not set stays as Compose has it (the empty text) and carries why it is `unresolved`; so does what another
 * program's template is to put there, which is said once.
 */
export function interpolate(root: TreeNode, lookup: Lookup, session: Session): TreeNode {
  let toldOfTemplate = false;
  return walk(root, casts);

  function walk(node: TreeNode, rules: Rules<Rule> | undefined): TreeNode {
    switch (node.kind) {
      case "scalar":
        if (typeof node.value !== "string") return node;
        // Most texts are to become no other type and hold no variable.
        return rules?.rule === undefined && !mayBeReplaced.test(node.value)
          ? node
          : textScalar(node, node.value, rules?.rule);
      case "mapping":
        return mapValues(node, (value, key) => walk(value, below(rules, key)));
      case "sequence":
        return mapItems(node, (item) => walk(item, rules?.any));
    }
  }

  function textScalar(node: ScalarNode, text: string, rule: Rule | undefined): TreeNode {
    if (rule !== "path") return valueScalar(node, text, rule);
    const path = lookup("PWD") === undefined ? text.replace(workingFolder, ".") : text;
    return valueScalar(path === text ? node : { ...node, value: path, interpolates: ["PWD"] }, path, undefined);
  }

  function valueScalar(node: ScalarNode, text: string, cast: Cast | undefined): TreeNode {
    const replaced = foreign(node, text) ?? (text.includes("$") ? replace(node, text) : node);
    return cast === undefined ? replaced : castScalar(replaced, cast);
  }

  function foreign(node: ScalarNode, text: string): ScalarNode | undefined {
    const found = foreignTemplateIn(text);
    if (found === undefined) return undefined;
    const made: ScalarNode = {
      ...node,
      value: found.text,
      interpolates: found.names,
      unresolved: foreignWhy,
      ...startOf(found),
    };
    session.doubt(made, found.doubts);
    if (toldOfTemplate || session.toldOfTemplate || found.names.length === 0) return made;
    toldOfTemplate = true;
    session.warn(
      `This is a template: another program fills in \`{{ ${found.names[0]} }}\` and the like before Compose reads it, and what hangs on them cannot be told.`,
      node.place,
      "Render it and check the result.",
    );
    return made;
  }

  function replace(node: ScalarNode, text: string): ScalarNode {
    const result = substitute(text, lookup);
    report(result, node);
    const doubt = result.doubts[0] ?? borrowedDoubt(result);
    if (result.names.length === 0 && doubt === undefined && result.text === text) return node;
    const replaced: ScalarNode = {
      ...node,
      value: result.text,
      ...(result.names.length > 0 ? { interpolates: result.names } : {}),
      ...(result.byDefault === undefined ? {} : { byDefault: result.byDefault }),
      ...(doubt === undefined ? {} : { unresolved: doubt.why }),
      ...startOf(result),
    };
    if (result.doubts.length > 0) session.doubt(replaced, result.doubts);
    return replaced;
  }

  /** What stands before the first doubt, where no variable brings a doubt of its own. */
  function startOf({ text, names, doubts }: Substituted): { readonly knownStart?: string } {
    const [first] = doubts;
    const borrows = names.some((name) => session.doubtfulVariables.has(name));
    return first === undefined || borrows ? {} : { knownStart: text.slice(0, first.start) };
  }

  /** A variable that is set, but to something that is not known whole: all of the text is in doubt. */
  function borrowedDoubt(result: Substituted): { readonly why: string } | undefined {
    const why = result.names.map((name) => session.doubtfulVariables.get(name)).find((each) => each !== undefined);
    return why === undefined ? undefined : { why };
  }

  function report(result: Substituted, node: ScalarNode): void {
    if (result.error?.kind === "malformed") {
      session.error(
        "This `${…}` is not a variable that Compose can replace.",
        node.place,
        "Write `${NAME}`, or `$$` for a dollar sign.",
      );
    } else if (result.error?.kind === "required") {
      const { name, isEmpty, reason } = result.error;
      session.warn(
        `The variable "${name}" is required and ${isEmpty === true ? "empty" : "not set"} in this folder${reason === "" ? "" : `: ${reason}`}.`,
        node.place,
        `Compose stops here until "${name}" has a value, for example in \`.env\`.`,
      );
    }
  }

  function castScalar(node: ScalarNode, cast: Cast): ScalarNode {
    const value = castText(String(node.value), cast);
    if (value !== undefined) return { ...node, value };
    if (node.unresolved !== undefined) return { ...node, value: null };
    session.error(`${shownText(node.value)} is not ${wanted[cast]}.`, node.place);
    return { ...node, unresolved: `it is not ${wanted[cast]}` };
  }
}

const wanted: Readonly<Record<Cast, string>> = {
  integer: "a whole number",
  float: "a number",
  boolean: "`true` or `false`",
};

function castText(text: string, cast: Cast): ScalarValue | undefined {
  return cast === "boolean" ? toBoolean(text) : castNumber(text, cast);
}
