import { describe, expect, test } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import { classifySecret, namesSecret, namesSecretFile } from "./secret-like.ts";
import { Sensitive } from "./sensitive.ts";

function classify(name: string, value: string, guesses: readonly string[] = []) {
  return classifySecret(name, new Sensitive(value), () => guesses);
}

describe("Names", () => {
  test.each([
    "DB_PASSWORD",
    "POSTGRES_PASSWORD",
    "database__connection__password",
    "AUTHENTIK_POSTGRESQL__PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "PG_PASS",
    "CS2_PW",
    "RCON_PASSWORD",
    "SECRET_KEY_BASE",
    "APP_KEY",
    "CLOUDFLARE_API_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "WIREGUARD_PRIVATE_KEY",
    "WIREGUARD_PRESHARED_KEY",
    "NEXTAUTH_SECRET",
    "ENCRYPTION_KEY",
    "jwtSecret",
    "apiKey",
    "SESSION_SECRET",
    "COOKIE_SIGNING_SALT",
    "SMTP_PASS",
    "TUNNEL_TOKEN",
    "TS_AUTHKEY",
    "ROLE_PASSWORD",
    "PASSWORD_DB",
    "DBPASS",
    "VAULT_ENC_KEY",
    "_APP_OPENSSL_KEY_V1",
  ])("%s names a secret.", (name) => {
    expect(namesSecret(name)).toBe(true);
  });

  test.each([
    "DB_PASSWORD_FILE",
    "GF_SECURITY_ADMIN_PASSWORD__FILE",
    "PASSWORD_POLICY",
    "TOKEN_EXPIRY",
    "PUBLIC_KEY",
    "JWT_PUBLIC_KEY",
    "PASSWORD_MIN_LENGTH",
    "SECRET_MAX_AGE",
    "AUTH_TYPE",
    "DISABLE_PASSWORD_LOGIN",
    "PASSWORD_RESET_URL",
    "TOKEN_TTL",
    "MYSQL_RANDOM_ROOT_PASSWORD",
    "MYSQL_ALLOW_EMPTY_PASSWORD",
    "SSH_AUTH_SOCK",
    "SECRETS_DIR",
    "SE_VNC_NO_PASSWORD",
    "BYPASS",
    "KEYBOARD",
    "MONKEY",
    "COMPASS_DIRECTION",
    "PWD",
    "TZ",
    "OPENID_CLIENT_ID",
    "HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE",
    "JWT_AUTH_ROLE",
    "API_KEY_ROLES",
    "AUTH_TOKEN_SCOPE",
    "JWT_ADMIN_GROUPS",
    "MONGO_AUTH_SOURCE",
    "AUTHENTICATION_GUARD",
  ])("%s names none.", (name) => {
    expect(namesSecret(name)).toBe(false);
  });

  test("A name that ends in _FILE and names a secret before it names a file with one.", () => {
    expect(namesSecretFile("POSTGRES_PASSWORD_FILE")).toBe(true);
    expect(namesSecretFile("GF_SECURITY_ADMIN_PASSWORD__FILE")).toBe(true);
    expect(namesSecretFile("CONFIG_FILE")).toBe(false);
  });
});

describe("Values", () => {
  test.each([
    ["DB_PASSWORD", "7jFjT4pUyf0YOlQ84LrO6JdLVWpz"],
    ["DB_PASSWORD", "deport-silver-showcase-pusher"],
    ["DB_PASSWORD", "seventeenlampsbehindtheferry"],
    ["DB_PASSWORD", "$ecure!Stuff9"],
    ["DB_PASSWORD", "$ecureStuff9"],
    ["APP_KEY", "base64:Npczl7vKB0Y3AlNboNTD5f71bYVaAuVB8ay4UhZ3My0="],
    ["SECRET_KEY", "/9aF+kq3Zx81LmQv7PpR2tYw=="],
    ["DATABASE_URL", "postgres://app:kq83nf92hd@db:5432/app"],
    ["SOME_SETTING", "redis://:kq83nf92hd@cache:6379"],
    ["ANYTHING", "-----BEGIN RSA PRIVATE KEY-----\nabc"],
    ["ANYTHING", `ghp_${"a1B2c3D4".repeat(5)}`],
    ["ANYTHING", `AKIA${"ABCD1234".repeat(2)}`],
  ])("%s with a real secret is one.", (name, value) => {
    expect(classify(name, value)).toBe("literal-secret");
  });

  test.each([
    ["DB_PASSWORD", "changeme"],
    ["DB_PASSWORD", "change_me!"],
    ["DB_PASSWORD", "password1"],
    ["DB_PASSWORD", "postgres"],
    ["DB_PASSWORD", "MySecureDatabasePassword"],
    ["DB_PASSWORD", "your_db_password"],
    ["DB_PASSWORD", "<insert password>"],
    ["DB_PASSWORD", "123456"],
    ["DB_PASSWORD", "xxxxxxxx"],
    ["API_TOKEN", "YOUR-CLOUDFLARE-API-TOKEN"],
    ["PRIVATE_KEY", "<PrivateKey>"],
    ["DB_PASSWORD", '"admin"'],
    ["CHEVERETO_DB_PASS", "chevereto"],
    ["DATABASE_URL", "postgresql://linkwarden:linkwarden@postgres:5432/linkwarden"],
    ["DATABASE_URL", "postgres://app:password@db/app"],
    ["PERIPHERY_PASSKEYS", "a_random_passkey"],
    ["SECRET_KEY_BASE", "UpNVntn3cDxHJpq99YMc1T1AQgQpc8kfYTuRgBiYa15BLrx8etQoXz3gZv1/u2oq"],
    // Supabase's service key, with which whoever has it passes every rule of the database.
    [
      "SERVICE_ROLE_KEY",
      `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${Buffer.from('{ "role": "service_role", "iss": "supabase-demo" }').toString("base64url")}.x`,
    ],
  ])("%s=%s is what everybody tries first.", (name, value) => {
    expect(classify(name, value)).toBe("weak-default");
  });

  test("A service's own name is a guess where it is given as one.", () => {
    expect(classify("POSTGRES_PASSWORD", "paperless")).toBe("literal-secret");
    expect(classify("POSTGRES_PASSWORD", "Paperless", ["paperless"])).toBe("weak-default");
  });

  test.each([
    ["DB_PASSWORD", "${DB_PASSWORD}"],
    ["DB_PASSWORD", "$DB_PASSWORD"],
    ["DB_PASSWORD", "${DB_PASSWORD:-}"],
    ["DB_PASSWORD", "op://vault/item/field"],
    ["DB_PASSWORD", "vault:secret/data/db#password"],
    ["DB_PASSWORD", "{{ lookup('env', 'X') }}"],
    ["DB_PASSWORD", "ENC[AES256_GCM,data:abc]"],
    ["DATABASE_URL", "postgres://app:${DB_PASSWORD}@db/app"],
  ])("%s=%s names another place.", (name, value) => {
    expect(classify(name, value)).toBe("reference");
  });

  test.each([
    ["DB_PASSWORD", ""],
    ["DB_PASSWORD", "   "],
    ["REQUIRE_TOKEN", "true"],
    ["JWT_SECRET_KEY", "/run/secrets/jwt"],
    ["JWT_SECRET_KEY", "%kernel.project_dir%/config/jwt/private.pem"],
    ["MAIL_PASSWORD", "null"],
    ["API_TOKEN_URL", "https://auth.example.org/token"],
    ["AUTH_TOKEN", "https://auth.example.org/token"],
    ["PUBLIC_URL", "https://shop.example.org"],
    ["TZ", "Europe/Berlin"],
    ["PASSWORD_MIN_LENGTH", "12"],
    ["WEBDAV", "https://user@host/path"],
    ["ADMIN_PASSWORD_HASH", "$2b$12$abcdefghijklmnopqrstuv"],
  ])("%s=%s is no secret.", (name, value) => {
    expect(classify(name, value)).toBe("none");
  });

  test("A long hostile text is judged at once.", () => {
    const started = threadMs();
    for (const text of [
      "a".repeat(200_000),
      "/".repeat(100_000),
      "x:".repeat(50_000),
      "http://".repeat(20_000),
      "my".repeat(60_000),
    ]) {
      classify("DB_PASSWORD", text);
      classify("OTHER", text);
    }
    expect(threadMs() - started).toBeLessThan(2_000);
  });
});

describe("Texts that a pattern could be lost in", () => {
  test.each([
    ["a path that goes on and ends wrong", `/${"x".repeat(4_000)}!`],
    ["a run of one letter that ends wrong", `${"x".repeat(120)}!`],
    ["slashes and dots without end", "/a.b".repeat(1_000)],
  ])("%s is judged at once.", (_, text) => {
    const begun = threadMs();
    classifySecret("DB_PASSWORD", new Sensitive(text));
    expect(threadMs() - begun).toBeLessThan(1_000);
  });
});
