/** Weak values of real stacks: who is protected by one, what an empty one does, and a new value that the program takes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../contracts/verdict.ts";
import { readPaths } from "../../platforms/read-paths.ts";
import { evaluate } from "../evaluate.ts";
import { allControls } from "../registry.ts";

const today = new Date("2027-01-01T00:00:00Z");

function findings(services: string, env?: string): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-strong-"));
  try {
    writeFileSync(join(folder, "compose.yaml"), `services:\n${services}`);
    if (env !== undefined) writeFileSync(join(folder, "app.env"), env);
    const { systems } = readPaths([folder], { cwd: folder, now: today });
    return evaluate(systems, allControls, { profile: "homelab", today, ownStack: false }).findings.filter(
      ({ control, verdict }) => control === "secrets.value-strong" && verdict === "fail",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function told(services: string, env?: string): readonly string[] {
  return findings(services, env).map(({ subject, severity, message }) => `${subject.name} ${severity}: ${message}`);
}

const weak = "is a default or a placeholder that anybody would try";

describe("a file of variables for several services", () => {
  const files = "env_file: app.env";

  test("is judged where its secrets protect something, not in the web server and the stores that get them too", () => {
    const services = [
      `  web: { image: 'nginx:1.27', ports: ['80:80'], ${files} }`,
      `  app: { image: 'ghcr.io/example/invoices:5', ${files} }`,
      `  search: { image: 'getmeili/meilisearch:v1.12', ${files} }`,
      `  db: { image: 'postgres:16.4', ${files} }`,
    ].join("\n");
    expect(told(services, "APP_KEY=changeme\nPOSTGRES_PASSWORD=changeme\nMEILI_MASTER_KEY=changeme\n")).toEqual([
      `app high: APP_KEY ${weak}`,
      `db high: POSTGRES_PASSWORD ${weak}`,
      `search high: MEILI_MASTER_KEY ${weak}`,
      `app medium: POSTGRES_PASSWORD ${weak}`,
      `app medium: MEILI_MASTER_KEY ${weak}`,
    ]);
  });

  test("is judged in them where nobody else gets it", () => {
    expect(told(`  web: { image: 'nginx:1.27', ${files} }\n`, "APP_KEY=changeme\n")).toHaveLength(1);
  });
});

test("GitLab's own keys are no keys that GitLab gave to another program", () => {
  const told_ = (name: string) =>
    told(
      `  git: { image: 'sameersbn/gitlab:17.6.0', environment: { ${name}: long-and-random-alphanumeric-string } }\n`,
    );
  expect(told_("GITLAB_SECRETS_DB_KEY_BASE")).toEqual([`git medium: GITLAB_SECRETS_DB_KEY_BASE ${weak}`]);
  expect(told_("GITLAB_CLIENT_TOKEN")).toEqual([`git low: GITLAB_CLIENT_TOKEN ${weak}`]);
});

describe("a secret that is handed in as a file among these", () => {
  const services = `  db: { image: 'postgres:16.4', secrets: [db_password] }
  app: { image: 'ghcr.io/example/app:1', secrets: [db_password] }
secrets: { db_password: { file: ./app.env } }
`;

  test.each([
    ["changeme\n", true],
    ["DB_USER=shop\nDB_PASSWORD=SecretPassword\n", true],
    ["k3Jq8Zr5Tn2Wv7k3Jq8\n", false],
    ["DB_PASSWORD=k3Jq8Zr5Tn2Wv7k3Jq8\n", false],
    ["", false],
    ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", false],
  ])("is judged as one in the environment is: %j", (text, isWeak) => {
    expect(told(services, text)).toEqual(
      isWeak ? [`db medium: the secret db_password ${weak}`, `app medium: the secret db_password ${weak}`] : [],
    );
  });
});

test("what a file is for is told by the variable that names it: a token of another house opens nothing as a placeholder", () => {
  const proxy = (variable: string) =>
    `  proxy: { image: 'traefik:3.5', ports: ['443:443'], environment: { ${variable} }, secrets: [cf] }\nsecrets: { cf: { file: ./app.env } }\n`;
  expect(told(proxy("CF_DNS_API_TOKEN_FILE: /run/secrets/cf"), "changeme\n")).toEqual([
    `proxy low: the secret cf ${weak}`,
  ]);
  expect(told(proxy("CF_DNS_API_TOKEN_FILE: /run/secrets/other"), "changeme\n")[0]).toMatch(
    /^proxy (?:high|critical): /,
  );
});

describe("an empty password", () => {
  test.each([
    ["postgres:16.4", "POSTGRES_PASSWORD", "low"],
    ["timescale/timescaledb:2.17.2-pg16", "POSTGRES_PASSWORD", "low"],
    ["mariadb:11.4", "MARIADB_ROOT_PASSWORD", "low"],
    ["mysql:8.4", "MYSQL_ROOT_PASSWORD", "low"],
    ["mongo:7.0", "MONGO_INITDB_ROOT_PASSWORD", "medium"],
  ])(
    "of %s, where the image makes no database without one, keeps nobody out and lets nobody in",
    (image, name, severity) => {
      expect(told(`  db: { image: '${image}', environment: { ${name}: '' } }\n`)).toEqual([
        severity === "low"
          ? `db low: ${name} is empty, and the image makes no new database without one`
          : `db medium: ${name} is empty, so that no password protects it`,
      ]);
    },
  );

  test.each([
    ["postgres:16.4", "POSTGRES_PASSWORD: '', POSTGRES_HOST_AUTH_METHOD: trust"],
    ["mariadb:11.4", "MARIADB_ROOT_PASSWORD: '', MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: '1'"],
    ["mysql:8.4", "MYSQL_ROOT_PASSWORD: '', MYSQL_ALLOW_EMPTY_PASSWORD: 'yes'"],
  ])("of %s is one where another variable lets everybody in: %s", (image, environment) => {
    expect(told(`  db: { image: '${image}', environment: { ${environment} } }\n`)[0]).toMatch(
      /^db medium: \w+ is empty, so that no password protects it$/,
    );
  });
});

test.each(["VNC_NO_PASSWORD: '1'", "SE_VNC_NO_PASSWORD: 'true'", "NO_PASSWORD: '1'"])(
  "a switch that does without a password is none: %s",
  (environment) => {
    expect(told(`  chrome: { image: 'selenium/standalone-chrome:4.27', environment: { ${environment} } }\n`)).toEqual(
      [],
    );
  },
);

test("the password in an address is changed, and not the address", () => {
  const [found] = findings(
    "  app: { image: 'ghcr.io/example/app:1', environment: { DATABASE_URL: 'postgresql://shop:shop@db:5432/shop' } }\n",
  );
  expect(found?.remedy).toContain("Give the other side a new password");
});

describe("what mends a weak value is one that the program takes:", () => {
  /** A token that Supabase ships with its examples. */
  const shipped =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIiwiaXNzIjoic3VwYWJhc2UtZGVtbyIsImlhdCI6MTY0MTc2OTIwMCwiZXhwIjoxNzk5NTM1NjAwfQ.DaYlNEoUrrEn2Ig7tqibS-PHK5vgusbcbo7X36XVt4Q";
  test.each([
    ["APP_KEY", "SomeRandomStringOf32CharsExactly", "`echo base64:$(openssl rand -base64 32)`"],
    ["VAULT_ENC_KEY", "your-32-character-encryption-key", "`openssl rand -hex 16`, which has the 32 characters"],
    ["OAUTH2_PROXY_COOKIE_SECRET", "changeme", "`openssl rand -hex 16`"],
    ["SERVICE_ROLE_KEY", shipped, "Sign a new token with the new signing secret"],
    ["STRIPE_SECRET_KEY", "changeme", "Put in the one that whoever issues it gave you"],
    ["WIREGUARD_PRIVATE_KEY", "changeme", "`wg genkey`"],
    ["ADMIN_PASSWORD", "changeme", "`openssl rand -hex 32`"],
  ])("%s", (name, value, expected) => {
    const [found] = findings(`  app: { image: 'ghcr.io/example/app:1', environment: { ${name}: '${value}' } }\n`);
    expect(found?.remedy).toContain(expected);
    expect(found?.remedy).toContain("deliver it in a file of its own");
  });
});
