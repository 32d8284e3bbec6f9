/** Whose password a name of a variable gives: the server's own, or that of another that it speaks to. */
import { expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import { valueStrong } from "./secrets.value-strong.ts";

function severityOf(image: string, variable: string): string | undefined {
  const system = composeSystem(`services:\n  app:\n    image: ${image}\n    environment: ["${variable}"]\n`);
  const [container] = system.all("container");
  if (container === undefined) throw new Error("There is no container.");
  const answer = valueStrong.check(container, system);
  const failed = (Array.isArray(answer) ? answer : [answer]).find(({ verdict }) => verdict === "fail");
  return failed && (failed.severity ?? valueStrong.severity);
}

test.each([
  ["osixia/openldap:1.5.0", "LDAP_ADMIN_PASSWORD=admin"],
  ["bitnami/openldap:2.6", "LDAP_ADMIN_PASSWORD=adminpassword"],
  ["rabbitmq:4-management", "RABBITMQ_DEFAULT_PASS=guest"],
  ["lldap/lldap:v0.6", "LLDAP_LDAP_USER_PASS=password"],
  ["mariadb:11.8", "MARIADB_ROOT_PASSWORD=admin"],
])("a server's own administrator is as grave as any: %s with %s", (image, variable) => {
  expect(severityOf(image, variable)).toBe("high");
});

test.each([
  ["authelia/authelia:4.39", "LDAP_ADMIN_PASSWORD=admin"],
  ["example/app:1", "RABBITMQ_DEFAULT_PASS=guest"],
  ["lldap/lldap:v0.6", "LLDAP_SMTP_OPTIONS__PASSWORD=password"],
  ["osixia/openldap:1.5.0", "SMTP_PASSWORD=password"],
])("a password for another is one step less: %s with %s", (image, variable) => {
  expect(severityOf(image, variable)).toBe("medium");
});
