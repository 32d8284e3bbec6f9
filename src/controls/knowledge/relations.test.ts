import { expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { groupsOf, membersOf, talksTo } from "./relations.ts";

const system = composeSystem(`services:
  app:
    image: requarks/wiki:2.5.310
    environment:
      DATABASE_URL: postgresql://wiki@store:5432/wiki
  db:
    image: postgres:18.1
    networks:
      default:
        aliases: [store]
  worker:
    image: requarks/wiki:2.5.310
    depends_on: [app]
  blog:
    image: ghost:6.8.0
    command: ["node", "index.js", "--api", "http://worker-of-others:80"]
  hidden:
    image: ghost:6.8.0
    environment:
      HOST: \${NOT_SET:?}
`);

function workload(name: string, of: System = system): Workload {
  const found = of.all("workload").find((each) => each.ref.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

test("A service talks to one that its environment names, by an alias too", () => {
  expect(talksTo(workload("app"), workload("db"), system)).toBe("yes");
});

test("A service talks to one that it waits for, and not the other way round", () => {
  expect(talksTo(workload("worker"), workload("app"), system)).toBe("yes");
  expect(talksTo(workload("app"), workload("worker"), system)).toBe("no");
});

test("A name inside of another name is not that name", () => {
  expect(talksTo(workload("blog"), workload("worker"), system)).toBe("no");
});

test("What cannot be resolved may hide a name", () => {
  expect(talksTo(workload("hidden"), workload("app"), system)).toBe("unknown");
});

test("A service has business with one that is given the same secret by name, and not by a word that both have", () => {
  const shop = composeSystem(`services:
  db: {image: 'mariadb:11', environment: {MYSQL_PASSWORD: '\${DB_PASS:-k3Jq8Zr5}'}}
  php: {image: 'ghcr.io/example/php:1', environment: {DBPASS: '\${DB_PASS:-k3Jq8Zr5}'}}
  api: {image: 'ghcr.io/example/api:1', secrets: [token]}
  worker: {image: 'ghcr.io/example/worker:1', secrets: [token]}
  other: {image: 'ghcr.io/example/other:1', environment: {PASSWORD: k3Jq8Zr5}}
secrets: {token: {file: ./token}}
`);
  expect(talksTo(workload("php", shop), workload("db", shop), shop)).toBe("yes");
  expect(talksTo(workload("api", shop), workload("worker", shop), shop)).toBe("yes");
  expect(talksTo(workload("other", shop), workload("db", shop), shop)).toBe("no");
  const { groups } = groupsOf(shop.all("workload"), shop);
  expect(groups.map((group) => group.map(({ ref }) => ref.name).sort()).sort()).toEqual([
    ["api", "worker"],
    ["db", "php"],
    ["other"],
  ]);
});

test("Those that have business with one another become one group", () => {
  const { groups, unclear } = groupsOf(
    ["app", "db", "worker", "blog"].map((name) => workload(name)),
    system,
  );
  expect(groups.map((group) => group.map((each) => each.ref.name).sort())).toEqual([["app", "db", "worker"], ["blog"]]);
  expect(unclear).toBe(false);
});

test("The members of a network are those attached to it", () => {
  expect(membersOf("default", system).workloads).toHaveLength(5);
  expect(membersOf("other", system).workloads).toEqual([]);
});
