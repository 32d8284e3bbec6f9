/**
 * Which profiles a plain `docker compose` starts with.
 *
 * Source: compose-go v2, `cli/options.go` (`WithDefaultProfiles`: the parts of `COMPOSE_PROFILES` between commas, trimmed, so
 * that one without a name counts where it is not set) and `types/project.go` (`HasProfile`: `*` is every one); Docker's
 * manual, "Using profiles with Compose".
 */
import { posix } from "node:path";
import type { ActiveProfiles } from "../project.ts";
import { parseDotenv } from "./dotenv.ts";
import type { Environment } from "./environment.ts";
import type { Session } from "./session.ts";

const variable = "COMPOSE_PROFILES";
const exampleNames = [".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", "example.env"];

/** Those that the project's own variables name, and in doubt those that the example of a `.env` that is not there names. */
export function readActiveProfiles(environment: Environment, folder: string, session: Session): ActiveProfiles {
  const doubt = session.doubtfulVariables.get(variable);
  const names = split(environment.get(variable) ?? "");
  if (doubt !== undefined) return { names, maybe: ["*"] };
  return { names, maybe: hasDotenv(folder, session) ? [] : namedByExample(folder, session) };
}

function hasDotenv(folder: string, session: Session): boolean {
  return session.files.exists(posix.join(folder, ".env"));
}

function namedByExample(folder: string, session: Session): readonly string[] {
  for (const name of exampleNames) {
    const path = posix.join(folder, name);
    if (!session.files.exists(path)) continue;
    const file = session.files.read(path);
    if (!file.ok || !file.text.includes(variable)) continue;
    const found = parseDotenv(file.source, file.text, () => undefined).variables.findLast(
      (each) => each.name === variable,
    );
    if (found !== undefined) return split(found.value);
  }
  return [];
}

function split(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim());
}
