/**
 * Keys that do not end, given to services that take the workflow's own identity (OpenID Connect) instead.
 *
 * Sources: docs.github.com/en/actions/concepts/security/openid-connect; docs.pypi.org/trusted-publishers;
 * docs.npmjs.com/trusted-publishers; guides.rubygems.org/trusted-publishing; crates.io/docs/trusted-publishing.
 */
import type { SecretUse } from "../../facts/workflow.ts";
import { child } from "../tree.ts";
import { type Job, type Step, text } from "./model.ts";

const inputs: readonly (readonly [action: RegExp, input: string, service: string])[] = [
  [/^aws-actions\/configure-aws-credentials@/, "aws-secret-access-key", "AWS"],
  [/^google-github-actions\/auth@/, "credentials_json", "Google Cloud"],
  [/^azure\/login@/, "creds", "Azure"],
  [/^pypa\/gh-action-pypi-publish@/, "password", "PyPI"],
];

const commands: readonly (readonly [command: RegExp, variable: RegExp, service: string])[] = [
  [/(?:^|[\s;&|])(?:npm|pnpm)\s+publish\b/, /^(?:NODE_AUTH_TOKEN|NPM_TOKEN)$/, "npm"],
  [/(?:^|[\s;&|])gem\s+push\b/, /^(?:GEM_HOST_API_KEY|RUBYGEMS_API_KEY)$/, "RubyGems"],
  [/(?:^|[\s;&|])cargo\s+publish\b/, /^(?:CARGO_REGISTRY_TOKEN)$/, "crates.io"],
  [/(?:^|[\s;&|])twine\s+upload\b/, /^(?:TWINE_PASSWORD)$/, "PyPI"],
];

/** A step's long-lived key; a publication elsewhere than at the service's own registry is none. */
export function longLivedKeys(step: Step, job: Job): readonly SecretUse[] {
  const action = text(step.uses)?.toLowerCase() ?? "";
  for (const [pattern, input, service] of inputs) {
    const value = pattern.test(action) ? child(step.with, input) : undefined;
    const repository = text(child(step.with, "repository-url")) ?? "pypi.org";
    if (value !== undefined && (service !== "PyPI" || repository.includes("pypi.org")))
      return [use(service, value.place)];
  }
  const script = text(step.run)?.slice(0, 20_000) ?? "";
  for (const [command, variable, service] of commands) {
    if (!command.test(script) || (service === "npm" && publishesElsewhere(script, job))) continue;
    for (const environment of [child(step.node, "env"), child(job.node, "env")]) {
      if (environment?.kind !== "mapping") continue;
      const entry = [...environment.entries.values()].find(
        ({ key, value }) => variable.test(key) && /\$\{\{\s*secrets\./.test(text(value) ?? ""),
      );
      if (entry !== undefined) return [use(service, entry.value.place)];
    }
  }
  return [];
}

/** A registry of one's own, as `setup-node` or the command names it; an expression may be npm's. */
function publishesElsewhere(script: string, { steps }: Job): boolean {
  const named = /--registry[= ]["']?(https?:\/\/[^\s"']{1,200})/.exec(script)?.[1];
  const setUp = steps.flatMap((step) =>
    /^actions\/setup-node@/.test(text(step.uses)?.toLowerCase() ?? "")
      ? (text(child(step.with, "registry-url")) ?? [])
      : [],
  );
  const registry = named ?? setUp.at(-1);
  return registry !== undefined && !registry.includes("${{") && !registry.includes("registry.npmjs.org");
}

function use(service: string, place: SecretUse["place"]): SecretUse {
  return {
    kind: "long-lived",
    name: service,
    what: `${service} is given a key that does not end, where it takes the workflow's own identity`,
    place,
  };
}
