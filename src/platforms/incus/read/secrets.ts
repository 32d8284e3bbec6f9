import { defaulted, type Fact, stated, unknown, unstated } from "../../../facts/fact.ts";
import { classifySecret, namesSecret, namesSecretFile } from "../../../facts/secret-like.ts";
import { Sensitive } from "../../../facts/sensitive.ts";
import type { Container, EnvironmentVariable, SecretReference } from "../../../facts/subjects.ts";
import { asInteger, asMode, asText, Fields } from "../../../formats/fields.ts";
import { sensitiveTag } from "../../../formats/hcl/value/to-tree.ts";
import type { MappingNode, ScalarNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { type InstanceContext, refOf } from "./context.ts";
import { givenBy } from "./environment.ts";
import { filesOf } from "./files.ts";

type SecretFacts = Omit<SecretReference, "kind" | "ref" | "lens" | "platform" | "owner">;

/** What the provider gives a file without a mode: `docs/resources/instance.md`. */
const defaultMode = 0o755;

/** Every secret that an instance receives: files that are put into it, and variables of its environment. */
export function readSecrets(context: InstanceContext, container: Container): readonly SecretReference[] {
  const { system, lens, name } = context;
  const counts = new Map<string, number>();
  return [...filesOf(context).flatMap(ofFile), ...container.environment.items.flatMap(ofVariable)].map((facts) => {
    const count = (counts.get(facts.secret) ?? 0) + 1;
    counts.set(facts.secret, count);
    return {
      kind: "secret-reference",
      ref: refOf("secret-reference", system, `${name}/${facts.secret}${count === 1 ? "" : `#${count}`}`),
      lens,
      platform: "incus",
      owner: refOf("workload", system, name),
      ...facts,
    };
  });
}

/** A file with content that is a secret: by what it was made of, by its name, or by its looks. */
function ofFile(node: MappingNode): readonly SecretFacts[] {
  const fields = Fields.of(node, node.place, "file");
  const content = fields.node("content");
  if (content?.kind !== "scalar") return [];
  const target = fields.fact("target_path", asText, "a path", unstated);
  const path = target.kind === "stated" ? target.value : "";
  const secret = nameOfSecret(content, path);
  if (secret === undefined) return [];
  return [
    {
      secret,
      place: content.place,
      delivery: stated("file", content.place),
      mode: fields.fact("mode", asMode, "a mode", (at) => defaulted(defaultMode, "platform", at)),
      uid: fields.fact("uid", asInteger, "a number", (at) => defaulted(0, "platform", at)),
      target,
      plaintextSource: keptAt(content),
    },
  ];
}

/** What a file's content is called as a secret; undefined for one that is none. */
export function nameOfSecret(content: ScalarNode, path: string): string | undefined {
  const base = path.slice(path.lastIndexOf("/") + 1);
  const [variable] = content.interpolates ?? [];
  if (content.tag === sensitiveTag) return base || variable;
  const names = [base, ...(content.interpolates ?? [])].map((name) => name.replace(/^.*\./, "").replaceAll("-", "_"));
  if (content.unresolved !== undefined) return names.some(namesSecret) ? base || variable : undefined;
  const text = String(content.value);
  // A file of several lines is a configuration: its own lines say what is secret in it.
  if (text.trim().includes("\n")) return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) ? base : undefined;
  const kinds = names.map((name) => classifySecret(name, new Sensitive(text.trim())));
  return kinds.some((kind) => kind === "literal-secret" || kind === "weak-default") ? base || variable : undefined;
}

/** The file of the repository in which the value stands, where it can be told. */
function keptAt(content: ScalarNode): Fact<string | "none"> {
  const { place } = content;
  if (content.unresolved !== undefined) return unknown(content.unresolved, place);
  const given = givenBy(content);
  return stated(given ?? (place.kind === "file" ? place.source.path : "none"), place);
}

function ofVariable(variable: EnvironmentVariable): readonly SecretFacts[] {
  const { name, value, place } = variable;
  const bare = { secret: name, place, mode: unstated<number>(place), uid: unstated<number>(place) };
  if (namesSecretFile(name)) {
    const target: Fact<string> =
      value.kind === "stated"
        ? stated(value.value.reveal(), place)
        : value.kind === "unknown"
          ? value
          : unstated(place);
    return [{ ...bare, delivery: stated("file", place), target, plaintextSource: stated("none", place) }];
  }
  const isSecret =
    variable.suppliedBy !== undefined ||
    (value.kind === "stated"
      ? classifySecret(name, value.value) !== "none"
      : value.kind === "unknown" && namesSecret(name));
  if (!isSecret) return [];
  return [
    {
      ...bare,
      delivery: stated("environment", place),
      target: stated(name, place),
      plaintextSource: value.kind === "unknown" ? unknown(value.why, place) : keptFor(variable, place),
    },
  ];
}

function keptFor({ from, suppliedBy }: EnvironmentVariable, place: Place): Fact<string> {
  if (suppliedBy !== undefined) return stated("none", place);
  if (from !== undefined) return stated(from, place);
  return place.kind === "file" ? stated(place.source.path, place) : unknown("the value has no file", place);
}
