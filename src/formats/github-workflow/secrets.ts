/**
 * How a workflow hands its secrets on.
 */
import { classifySecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { SecretUse } from "../../facts/workflow.ts";
import { placeAt } from "../../lib/place.ts";
import { simplify } from "../shell/command.ts";
import { lexShell } from "../shell/lex.ts";
import { child, type ScalarNode, type TreeNode } from "../tree.ts";
import { offsetsIn } from "../yaml/scalar-offsets.ts";
import { inWordsOfGithub } from "./expressions.ts";
import { longLivedKeys } from "./identities.ts";
import { type Job, type Step, scalar, text, type Workflow } from "./model.ts";

/** Each kind of use of one secret is told once, where it stands first. */
export function secretUses(workflow: Workflow, file: string): readonly SecretUse[] {
  const all = [
    ...workflowWide(workflow),
    ...wholeContext(workflow.root),
    ...literals(workflow),
    ...workflow.jobs.flatMap((job) => [
      ...inherited(job),
      ...containerPasswords(job),
      ...tokenInArtifact(job),
      ...job.steps.flatMap((step) => [...printed(step, file), ...longLivedKeys(step, job)]),
    ]),
  ];
  const seen = new Set<string>();
  return all.filter(({ kind, name }) => !seen.has(`${kind} ${name}`) && seen.add(`${kind} ${name}`));
}

function inherited({ node, uses }: Job): readonly SecretUse[] {
  const called = text(uses) ?? "";
  const secrets = child(node, "secrets");
  if (secrets === undefined || text(secrets) !== "inherit" || called === "" || called.startsWith("./")) return [];
  return [
    {
      kind: "inherited",
      name: called.replace(/@.*$/, ""),
      what: `every secret is handed to ${called}`,
      place: secrets.place,
    },
  ];
}

/** `env` of the workflow itself. */
function workflowWide({ environment }: Workflow): readonly SecretUse[] {
  if (environment?.kind !== "mapping") return [];
  return [...environment.entries.values()].flatMap(({ key, value }): SecretUse[] => {
    const name = /\$\{\{\s*secrets\.(\w{1,100})/.exec(text(value) ?? "")?.[1];
    if (name === undefined || /^(?:GITHUB|GITEA|FORGEJO)_TOKEN$/i.test(name)) return [];
    return [
      { kind: "workflow-wide", name, what: `${key} gives ${name} to every step of every job`, place: value.place },
    ];
  });
}

/** `toJSON(secrets)` anywhere. */
function wholeContext(node: TreeNode): readonly SecretUse[] {
  const found: SecretUse[] = [];
  visitScalars(node, (each) => {
    if (typeof each.value !== "string" || !/tojson\s*\(\s*secrets\s*\)/i.test(each.value.slice(0, 20_000))) return;
    found.push({
      kind: "whole",
      name: "secrets",
      what: "`toJSON(secrets)` hands over every secret at once",
      place: each.place,
    });
  });
  return found;
}

/** Texts in the looks of an issuer's tokens, wherever they stand outside of scripts. */
function literals({ root }: Workflow): readonly SecretUse[] {
  const found: SecretUse[] = [];
  visitScalars(root, (each, key) => {
    if (key === "run" || typeof each.value !== "string" || each.value.includes("${{")) return;
    if (classifySecret("", new Sensitive(each.value)) !== "literal-secret") return;
    const value = new Sensitive(each.value);
    found.push({ kind: "literal", name: key, what: `the secret of ${key} is written out`, value, place: each.place });
  });
  return found;
}

/** Passwords for a registry, which are never meant to be written out. */
function containerPasswords({ node }: Job): readonly SecretUse[] {
  const services = child(node, "services");
  const containers = [
    child(node, "container"),
    ...(services?.kind === "mapping" ? [...services.entries.values()].map(({ value }) => value) : []),
  ];
  return containers.flatMap((container): SecretUse[] => {
    const password = scalar(child(child(container, "credentials"), "password"));
    if (password === undefined || String(password.value).includes("${{")) return [];
    return [
      {
        kind: "literal",
        name: "credentials.password",
        what: "the registry's password is written out",
        value: new Sensitive(String(password.value)),
        place: password.place,
      },
    ];
  });
}

/** `echo` of a secret that goes nowhere but to the log. */
function printed({ run }: Step, file: string): readonly SecretUse[] {
  const script = run === undefined ? "" : String(run.value);
  if (run?.place.kind !== "file" || !/\$\{\{\s*secrets\./.test(script.slice(0, 50_000))) return [];
  const { source } = run.place;
  const offsetOf = offsetsIn(file, run);
  // The shell sees no braces there, but what the runner puts in their place.
  const seen = script.replace(/\$\{\{[^}]{0,200}\}\}/g, (expression) => expression.replace(/[^\w.]/g, "_"));
  return lexShell(seen).flatMap((pipeline): SecretUse[] => {
    const last = pipeline.at(-1);
    if (last === undefined || last.writes.length > 0) return [];
    const { name, arguments: words } = simplify(last);
    if (pipeline.length > 1 || (name !== "echo" && name !== "printf")) return [];
    const secret = words
      .map(({ text: word }) => /_secrets\.(\w{1,100}?)_*$|_secrets\.([A-Za-z0-9_]{1,100})/.exec(word))
      .find((match) => match !== null);
    if (secret === undefined || secret === null || words.some(({ text: word }) => word.startsWith("::add-mask::")))
      return [];
    const named = (secret[1] ?? secret[2] ?? "").replace(/_+$/, "");
    return [
      {
        kind: "printed",
        name: named,
        what: `${named} is written to the log`,
        place: placeAt(source, offsetOf(last.offset)),
      },
    ];
  });
}

/** The checkout leaves its token in `.git/config`, and the folder goes into an artifact. */
function tokenInArtifact({ steps }: Job): readonly SecretUse[] {
  const checkout = steps.find((step) => /^actions\/checkout@/.test(text(step.uses) ?? ""));
  if (checkout === undefined || keepsNoToken(checkout)) return [];
  return steps.flatMap((step): SecretUse[] => {
    if (!/^actions\/upload-artifact@/.test(text(step.uses) ?? "")) return [];
    const path = child(step.with, "path");
    if (!uploadsEverything(text(path) ?? "", text(child(step.with, "include-hidden-files")))) return [];
    return [
      {
        kind: "token-in-artifact",
        name: "GITHUB_TOKEN",
        what: "the whole folder is uploaded, with the token that the checkout left in `.git/config`",
        place: path?.place ?? step.place,
        keeper: checkout.node.place,
      },
    ];
  });
}

function keepsNoToken({ with: inputs, uses }: Step): boolean {
  // From v6 on the token is kept outside of the folder.
  const version = /@v?(\d+)/.exec(text(uses) ?? "")?.[1];
  return (
    text(child(inputs, "persist-credentials")) === "false" ||
    (version !== undefined && version.length < 3 && Number(version) >= 6)
  );
}

/** Hidden files go along only when they are asked for, from v4.4 on. */
function uploadsEverything(path: string, hidden: string | undefined): boolean {
  const whole = path
    .split("\n")
    .some((line) =>
      /^\s*(?:\.\/?|\*\*?\/?\*?|\$\{\{\s*github\.workspace\s*\}\}\/?)\s*$/.test(inWordsOfGithub(line.slice(0, 200))),
    );
  return (whole && hidden === "true") || /(?:^|\n)\s*(?:\.\/)?\.git\/?(?:\s*$|\n)/.test(path.slice(0, 2_000));
}

function visitScalars(node: TreeNode, visit: (node: ScalarNode, key: string) => void, key = ""): void {
  switch (node.kind) {
    case "scalar":
      visit(node, key);
      break;
    case "sequence":
      for (const item of node.items) visitScalars(item, visit, key);
      break;
    case "mapping":
      for (const entry of node.entries.values()) visitScalars(entry.value, visit, entry.key);
  }
}
