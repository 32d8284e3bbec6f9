import type { BuildArgument, ServiceHook } from "../../facts/extensions.ts";
import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import { classifySecret, namesSecret, namesSecretFile } from "../../facts/secret-like.ts";
import type { Container, EnvironmentVariable, SecretReference } from "../../facts/subjects.ts";
import { asInteger, asMode, asText, Fields } from "../../formats/fields.ts";
import type { TreeNode } from "../../formats/tree.ts";
import type { Place } from "../../lib/place.ts";
import type { ServiceContext } from "./read-context.ts";
import { readGuessable } from "./read-secret-strength.ts";
import { secretRef, workloadRef } from "./refs.ts";

type SecretFacts = Omit<SecretReference, "kind" | "ref" | "lens" | "platform" | "owner">;

/**
 * Every secret that a service receives: those of `secrets:`, the environment variables that look like one, and the
 * build arguments that do, and those of its hooks.
 */
export function readSecrets(
  context: ServiceContext,
  container: Container,
  buildArguments: readonly BuildArgument[],
  hooks: readonly ServiceHook[],
): readonly SecretReference[] {
  const { system, service, lens } = context;
  return [
    ...granted(context),
    // What the image brings is told of where its Dockerfile stands.
    ...container.environment.items
      .filter(({ value }) => value.kind !== "defaulted")
      .flatMap((variable) => fromEnvironment(variable)),
    ...buildArguments.flatMap(fromBuildArgument),
    ...hooks.flatMap(({ environment }) => environment.items.flatMap((variable) => fromEnvironment(variable))),
  ].map((facts) => ({
    kind: "secret-reference",
    ref: secretRef(system, service, facts.secret),
    lens,
    platform: "compose",
    owner: workloadRef(system, service),
    ...facts,
  }));
}

/** `secrets:` of the service. */
function granted(context: ServiceContext): readonly SecretFacts[] {
  const node = context.fields.node("secrets");
  if (node === undefined) {
    return context.fields.hidden === undefined ? [] : [unknownSecret("?", context.fields.hidden, context.place)];
  }
  if (node.kind !== "sequence") {
    return [
      unknownSecret(
        "?",
        (node.kind === "scalar" ? node.unresolved : undefined) ?? "`secrets` is not a list",
        node.place,
      ),
    ];
  }
  const secrets = node.items.map((item) => grantedSecret(context, item));
  return node.incomplete === undefined ? secrets : [...secrets, unknownSecret("?", node.incomplete, node.place)];
}

function grantedSecret(context: ServiceContext, node: TreeNode): SecretFacts {
  if (node.kind === "scalar" && node.unresolved !== undefined) return unknownSecret("?", node.unresolved, node.place);
  const fields = Fields.of(node.kind === "scalar" ? undefined : node, node.place, "secrets");
  const name =
    node.kind === "scalar" ? stated(asText(node) ?? "", node.place) : fields.fact("source", asText, "a text", unstated);
  const secret = knownValue(name);
  if (secret === undefined) {
    return unknownSecret("?", name.kind === "unknown" ? name.why : "the secret has no `source`", node.place);
  }
  const source = context.root.fields("secrets").fields(secret);
  const guessable = readGuessable(context, secret, source);
  const target = fields.fact("target", asText, "a path", (at) => defaulted(`/run/secrets/${secret}`, "platform", at));
  return {
    secret,
    place: node.place,
    delivery: stated("file", node.place),
    mode: deliveredAs(
      source,
      fields.fact("mode", asMode, "a mode", (at) => defaulted(0o444, "platform", at)),
    ),
    uid: deliveredAs(
      source,
      fields.fact("uid", asInteger, "a number", (at) => defaulted(0, "platform", at)),
    ),
    target:
      target.kind === "stated" && !target.value.startsWith("/")
        ? stated(`/run/secrets/${target.value}`, target.place)
        : target,
    plaintextSource: keptAt(context, source),
    ...(guessable !== undefined && { guessable }),
  };
}

/**
 * Docker Compose mounts a secret that comes from a file as that file, so that `uid`, `gid` and `mode` count for nothing
 * and the file's own owner and mode do. One that comes from the environment is written with what is asked for.
 */
function deliveredAs<T>(source: Fields, asked: Fact<T>): Fact<T> {
  const file = source.fact("file", asText, "a path", unstated);
  if (file.kind === "stated" || file.kind === "unknown") {
    return unknown(
      "Compose mounts the file as it is: its own owner and mode on the host count, whatever is written here",
      asked.place,
    );
  }
  if (source.node("environment") !== undefined || source.node("content") !== undefined) return asked;
  return unknown("the secret is made elsewhere, or not declared", asked.place);
}

function keptAt(context: ServiceContext, source: Fields): Fact<string | "none"> {
  if (source.hidden !== undefined) return unknown(source.hidden, source.place);
  const file = source.fact("file", asText, "a path", unstated);
  if (file.kind === "unknown") return file;
  if (file.kind === "stated") {
    if (context.findFile === undefined) return unknown("whether the file is there was not looked at", file.place);
    return stated(context.findFile(file.value) ?? "none", file.place);
  }
  const content = source.node("content");
  if (content !== undefined) return writtenHere(content.place);
  if (source.node("environment") !== undefined) return stated("none", source.place);
  return unknown("the secret is made elsewhere, or not declared", source.place);
}

function writtenHere(place: Place): Fact<string> {
  return place.kind === "file" ? stated(place.source.path, place) : unknown("the value has no file", place);
}

function unknownSecret(secret: string, why: string, place: Place): SecretFacts {
  return {
    secret,
    place,
    delivery: unknown(why, place),
    mode: unknown(why, place),
    uid: unknown(why, place),
    target: unknown(why, place),
    plaintextSource: unknown(why, place),
  };
}

function fromEnvironment(variable: EnvironmentVariable): readonly SecretFacts[] {
  const { name, value, place } = variable;
  if (namesSecretFile(name)) {
    const path: Fact<string> =
      value.kind === "stated"
        ? stated(value.value.reveal(), place)
        : value.kind === "defaulted"
          ? unstated(place)
          : value;
    return [
      { ...bare(name, place), delivery: stated("file", place), target: path, plaintextSource: stated("none", place) },
    ];
  }
  if (value.kind === "unknown" || value.kind === "unstated") {
    if (!namesSecret(name)) return [];
    const kept: Fact<string> = value.kind === "unknown" ? value : defaulted("none", "platform", place);
    return [
      {
        ...bare(name, place),
        delivery: stated("environment", place),
        target: stated(name, place),
        plaintextSource: kept,
      },
    ];
  }
  const kind = classifySecret(name, value.value);
  if (kind === "none") return [];
  const kept: Fact<string> =
    kind === "reference" ? unknown("the value names another place", place) : writtenHere(place);
  return [
    {
      ...bare(name, place),
      delivery: stated("environment", place),
      target: stated(name, place),
      plaintextSource: kept,
    },
  ];
}

function bare(secret: string, place: Place): Pick<SecretFacts, "secret" | "place" | "mode" | "uid"> {
  return { secret, place, mode: unstated(place), uid: unstated(place) };
}

function fromBuildArgument({ name, value, place }: BuildArgument): readonly SecretFacts[] {
  const known = knownValue(value);
  const secret = known === undefined ? namesSecret(name) : classifySecret(name, known) !== "none";
  if (!secret) return [];
  const kept: Fact<string> =
    known === undefined ? unknown("the value comes from the builder's environment", place) : writtenHere(place);
  return [
    {
      ...bare(`build.${name}`, place),
      delivery: stated("build" as const, place),
      target: stated(name, place),
      plaintextSource: kept,
    },
  ];
}
