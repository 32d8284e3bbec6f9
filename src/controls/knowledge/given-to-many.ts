/**
 * Who of those that get one file of variables is protected by a secret in it. A web server and a store take what their image
 * knows by name; the rest of a file that is handed to every service of a project means nothing to them.
 */
import { softwareOfImage } from "../../facts/knowledge/roles.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { append } from "../../lib/append.ts";

/** The names that programs take for themselves, by what `software.ts` calls them; each in the manual of its image. */
const taken: Readonly<Record<string, RegExp>> = {
  nginx: /^(?:NGINX|DEFAULT)_/i,
  apache: /^(?:APACHE|HTTPD)_/i,
  haproxy: /^HAPROXY_/i,
  postgresql: /^(?:POSTGRES|PG|REPMGR|PATRONI)/i,
  mariadb: /^(?:MYSQL|MARIADB)_/i,
  mysql: /^MYSQL_/i,
  redis: /^(?:REDIS|VALKEY|KEYDB)_/i,
  valkey: /^(?:REDIS|VALKEY)_/i,
  mongodb: /^(?:MONGO|MONGODB)_/i,
  meilisearch: /^MEILI_/i,
};

/** Whether a variable of a file that others get too is theirs, by its name. */
export function isForOthers({ name, from }: EnvironmentVariable, container: Container, system: System): boolean {
  const own = from === undefined ? undefined : namesTakenBy(container, system);
  if (from === undefined || own === undefined || own.test(name)) return false;
  const takers = takersOf(system).get(from) ?? [];
  return takers.some((other) => other !== container && namesTakenBy(other, system)?.test(name) !== false);
}

function namesTakenBy(container: Container, system: System): RegExp | undefined {
  const image = container.image === undefined ? undefined : system.get(container.image);
  const software = image === undefined ? undefined : softwareOfImage(image)?.name;
  return software === undefined ? undefined : taken[software];
}

const takersOf = oncePerSystem((system): ReadonlyMap<string, readonly Container[]> => {
  const takers = new Map<string, Container[]>();
  for (const container of system.all("container")) {
    const files = new Set(container.environment.items.flatMap(({ from }) => from ?? []));
    for (const file of files) append(takers, file, container);
  }
  return takers;
});
