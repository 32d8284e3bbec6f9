/**
 * The ingress-nginx controllers that run in a cluster's own pods: which Ingresses each serves, and which ConfigMap it
 * reads.
 *
 * Sources: ingress-nginx 1.13, "Command line arguments" and "Multiple Ingress controllers"; `controller/store` (an
 * Ingress by its class's `controller`, by the class's name with `--ingress-class-by-name`, by the annotation where it
 * equals `--ingress-class`, by none with `--watch-ingress-without-class`).
 */
import { type SeenCommand, seenStart } from "../../../../facts/command-words.ts";
import { knownValue } from "../../../../facts/fact.ts";
import { softwareOfImage } from "../../../../facts/knowledge/roles.ts";
import type { AnySubject, Container, Ref } from "../../../../facts/subjects.ts";
import { booleanOfFlag } from "../../../../lib/boolean-of-flag.ts";
import type { Answer } from "../labels.ts";
import type { ServingClass } from "./ingress-class.ts";

export interface NginxController {
  readonly workload: Ref<"workload">;
  /** Whether it serves the Ingresses of a class. */
  serves(asked: ServingClass): Answer;
  /** The ConfigMap that it reads; `why` where it cannot be told. */
  readonly configMap: { readonly namespace: string; readonly name: string } | "none" | { readonly why: string };
}

/** `subjects`: the cluster's containers with their images. */
export function nginxControllers(subjects: readonly AnySubject[]): readonly NginxController[] {
  const names = new Set(
    subjects.flatMap((each) =>
      each.kind === "image" && softwareOfImage(each)?.name === "ingress-nginx" ? [each.usedBy.name] : [],
    ),
  );
  return subjects.flatMap((each) =>
    each.kind === "container" && names.has(each.ref.name) ? [controllerIn(each)] : [],
  );
}

function controllerIn(container: Container): NginxController {
  const start = seenStart(container);
  const option = (name: string) => optionOf(name, start, container);
  const { workload } = container;
  return { workload, serves: (asked) => serves(asked, option), configMap: configMapOf(option("configmap")) };
}

/** An option's value: empty where it is not given. */
type Option = { readonly value: string } | { readonly why: string };

function serves(asked: ServingClass, option: (name: string) => Option): Answer {
  const own = withDefault(option("ingress-class"), "nginx");
  const byName = isNamed(own, asked.name);
  if (asked.byAnnotation) return byName;
  // The class is not among the files: charts give it the name that the controller is started with.
  if (asked.controller === undefined) return byName;
  const controller = isNamed(withDefault(option("controller-class"), "k8s.io/ingress-nginx"), asked.controller);
  if (controller === "yes") return "yes";
  const flag = option("ingress-class-by-name");
  if ("why" in flag) return { doubt: flag.why };
  return booleanOfFlag(flag.value) === true && byName !== "no" ? byName : controller;
}

function withDefault(option: Option, otherwise: string): Option {
  return "value" in option && option.value === "" ? { value: otherwise } : option;
}

function isNamed(option: Option, name: string | undefined): Answer {
  if ("why" in option) return { doubt: option.why };
  return option.value === name ? "yes" : "no";
}

/** Without the option it reads none. What is no `namespace/name` ends the program. */
function configMapOf(option: Option): NginxController["configMap"] {
  if ("why" in option) return option;
  if (option.value === "") return "none";
  const [namespace = "", name = "", ...rest] = option.value.split("/");
  if (namespace === "" || name === "" || rest.length > 0) return { why: "its `--configmap` names no ConfigMap" };
  return { namespace, name };
}

/** `--name=value`, `--name value` or, of a switch, `--name`; the last one counts. Source: spf13/pflag. */
function optionOf(name: string, { words, open, hidden }: SeenCommand, container: Container): Option {
  if (hidden !== undefined) return { why: hidden.why };
  const unresolved = open.find((each) => each.name === `--${name}`);
  if (unresolved !== undefined) return { why: unresolved.why };
  const at = words.findLastIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const word = words[at];
  if (word === undefined) return { value: "" };
  const [, value] = /=(.*)$/s.exec(word) ?? [];
  const next = words[at + 1];
  const text = value ?? (next === undefined || next.startsWith("-") ? "true" : next);
  const whole = expanded(text, container);
  return whole === undefined ? { why: `the variable in its \`--${name}\` is not known` } : { value: whole };
}

/** A word with what the kubelet puts in the place of `$(NAME)`; undefined where that is not known. */
function expanded(text: string, { environment, workload }: Container): string | undefined {
  let isKnown = true;
  const whole = text.replaceAll(/\$\(([A-Za-z_][\w.-]{0,250})\)/g, (_, name: string) => {
    const variable = environment.items.findLast((each) => each.name === name);
    const isNamespace = name === "POD_NAMESPACE" && variable?.suppliedBy === "the pod itself";
    const value = isNamespace ? workload.name.split("/")[0] : variable && knownValue(variable.value)?.reveal();
    isKnown &&= value !== undefined;
    return value ?? "";
  });
  return isKnown ? whole : undefined;
}
