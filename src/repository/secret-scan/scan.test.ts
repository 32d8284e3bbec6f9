import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { checksumOf, isCertainlyFake } from "./fakes.ts";
import { issuedSecretsIn, leftOutRules, libraryRules, mayHoldIssued, ruleName } from "./issuers.ts";
import { secretsIn } from "./scan.ts";
import { isConfig, isExample, isWorthScanning } from "./worth-scanning.ts";

// covers: S1 | files

/** A token of GitHub's shape with a right checksum, of no account. */
function githubToken(): string {
  const entropy = randomBytes(64)
    .toString("base64")
    .replace(/[^A-Za-z0-9]/g, "")
    .slice(0, 30);
  return `ghp_${entropy}${checksumOf(entropy)}`;
}

function random(length: number): string {
  return randomBytes(length * 2)
    .toString("base64")
    .replace(/[^A-Za-z0-9]/g, "")
    .slice(0, length);
}

const names = (text: string, path = "app/config.yaml", depth: "issued" | "all" = "all") =>
  secretsIn(text, path, depth).map(({ what }) => what);

describe("Tokens of issuers", () => {
  test("are found by their shapes, whatever the file, each at its place.", () => {
    const token = githubToken();
    const text = `first line\n  curl -H "Authorization: Bearer ${token}" x\n`;
    const [found, ...others] = secretsIn(text, "deploy", "issued");
    expect(others).toEqual([]);
    expect(found).toMatchObject({ what: "a GitHub token", by: "issued" });
    expect(text.slice(found?.offset, found?.end)).toBe(token);
  });

  test.each([
    ["a GitLab token", () => `glpat-${random(20)}`],
    ["a Grafana service account's token", () => `glsa_${random(32)}_0a1b2c3d`],
    ["a Tailscale key", () => `tskey-auth-${random(17)}-${random(32)}`],
    ["a Telegram bot token", () => `7${"294618350"}:AA${random(33)}`],
    ["a Docker Hub token", () => `dckr_pat_${random(27)}`],
    ["an age identity", () => `AGE-SECRET-KEY-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).slice(0, 58)}`],
    ["a Slack webhook", () => `https://hooks.slack.com/services/T${random(9)}/B${random(9)}/${random(24)}`],
    ["a Discord webhook", () => `https://discord.com/api/webhooks/112233445566778899/${random(68)}`],
    ["a Cloudflare tunnel token", () => `eyJhIjoi${random(150)}`],
    ["a Vault token", () => `hvs.${random(95)}`],
    ["an AWS secret access key", () => `aws_secret_access_key = ${random(40)}`],
  ])("%s is one of them.", (what, make) => {
    expect(names(`x = "${make()}"\n`, "notes", "issued")).toEqual([what]);
  });

  test("that cannot be one are passed over: examples of manuals, stand-ins, wrong checksums.", () => {
    const real = githubToken();
    const wrong = `${real.slice(0, -1)}${real.endsWith("a") ? "b" : "a"}`;
    for (const text of [
      "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
      `token: ghp_${"x".repeat(36)}`,
      `token: ${wrong}`,
      "glpat-YOUR_TOKEN_GOES_HERE",
      "xoxb-xxxxxxxxxxxx-xxxxxxxxxxxxxx",
    ])
      expect(names(text), text).toEqual([]);
    // The checksum is GitHub's: this token was published with it, and is of no account.
    expect(checksumOf("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ")).toBe("0mLq17");
  });

  test("are told once where two rules know them.", () => {
    expect(names(`https://bot:${githubToken()}@github.com/x/y.git`)).toEqual(["a GitHub token"]);
  });

  test("are not passed over for what stands in them by chance: the same 20,000, drawn as issuers draw them.", () => {
    const drawn = (run: number) => createHash("sha512").update(`token ${run}`).digest("base64").replace(/[+/=]/g, "");
    const taken = Array.from({ length: 20_000 }, (_, run) => `glsa_${drawn(run).slice(0, 32)}_0a1b2c3d`);
    expect(taken.filter(isCertainlyFake)).toEqual([]);
    expect(taken.filter((token) => /fake|your/i.test(token))).not.toEqual([]);
  });

  test("are asked of every rule of the library, or it is said why not.", () => {
    const known = [...Object.keys(libraryRules), ...Object.keys(leftOutRules)].sort();
    expect(rules.map((rule) => ruleName(rule.meta.id)).sort()).toEqual(known);
    for (const rule of rules) {
      const ids = Object.keys(("messages" in rule ? rule.messages : undefined) ?? {});
      for (const id of Object.keys(libraryRules[ruleName(rule.meta.id)]?.names ?? {})) expect(ids).toContain(id);
    }
  });
});

describe("Private keys", () => {
  const body = (head: string) => `${head}${random(600)}`.replace(/(.{64})/g, "$1\n");
  const pem = (kind: string, head: string) =>
    `-----BEGIN ${kind}PRIVATE KEY-----\n${body(head)}\n-----END ${kind}PRIVATE KEY-----`;

  test("are found in any text, also inside JSON, and not in tests and manuals.", () => {
    expect(names(pem("", "MIIEvQ"), "deploy.sh", "issued")).toEqual(["a private key"]);
    expect(names(JSON.stringify({ key: pem("RSA ", "MIIEow") }), "a.json", "issued")).toEqual(["a private key"]);
    expect(names(pem("", "MIIEvQ"), "tests/server.pem", "issued")).toEqual([]);
    expect(names("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----")).toEqual([]);
  });

  test("are found in base64 too, as kubeconfigs have them; certificates are none.", () => {
    const encoded = (text: string) => `    client-key-data: ${Buffer.from(text).toString("base64")}\n`;
    expect(names(encoded(pem("EC ", "MHcCAQ")), "kube.yaml", "issued")).toEqual(["a private key in base64"]);
    expect(names(encoded(`-----BEGIN CERTIFICATE-----\n${body("MIIB")}\n`), "kube.yaml", "issued")).toEqual([]);
    expect(names(encoded(`-----BEGIN ENCRYPTED PRIVATE KEY-----\n${body("MIIB")}\n`), "kube.yaml", "issued")).toEqual(
      [],
    );
  });

  test("that a passphrase protects are no finding.", () => {
    // The first bytes name the cipher: PROTOCOL.key of OpenSSH.
    const head = (cipher: string) => {
      const named = [Buffer.from("openssh-key-v1\0\0\0\0"), Buffer.from([cipher.length]), Buffer.from(cipher)];
      const length = named.reduce((sum, part) => sum + part.length, 0);
      return Buffer.concat([...named, Buffer.alloc(33 - length)]).toString("base64");
    };
    expect(names(pem("OPENSSH ", head("none")), "x", "issued")).toEqual(["a private key"]);
    expect(names(pem("OPENSSH ", head("aes256-ctr")), "x", "issued")).toEqual([]);
  });
});

describe("A hash in a value", () => {
  test("is a comment's beginning behind white space alone.", () => {
    expect(names("password: vK8#mq2Zr9Lx1Tn4\n", "a.yaml")).toEqual(["the value of password"]);
    expect(names("password: vK8mq2Zr9Lx1Tn4 # rotated\n", "a.yaml")).toEqual(["the value of password"]);
    expect(names("password: #vK8mq2Zr9Lx1Tn4\n", "a.yaml")).toEqual([]);
  });
});

// covers: S1 | files
describe("Environment= of a unit and of a quadlet", () => {
  test("holds variables, and the secrets in them are found.", () => {
    const value = "bTN1Kj7tKmXwMnJJdUg2HvS38IHK28CFzjc97";
    for (const path of ["app.service", "app.container", "app.pod"]) {
      expect(names(`[Service]\nEnvironment=DB_PASSWORD=${value}\n`, path)).toEqual(["the value of DB_PASSWORD"]);
      expect(names(`Environment="DB_PASSWORD=${value}"\n`, path)).toEqual(["the value of DB_PASSWORD"]);
      expect(names(`Environment="A=b" "DB_PASSWORD=${value}"\n`, path)).toEqual(["the value of DB_PASSWORD"]);
    }
    expect(names("Environment=DB_PASSWORD_FILE=/run/secrets/db\n", "app.container")).toEqual([]);
    expect(names("Environment=DB_PASSWORD=%d/db\n", "app.service")).toEqual([]);
  });
});

// covers: S1 | files
describe("A name and its value under keys of their own", () => {
  const value = "vK8mq2Zr9Lx1Tn4p";

  test.each([
    ["lines", `env:\n  - name: DB_PASSWORD\n    value: ${value}\n`],
    ["lines with quotes and a comment", `env:\n- name: "DB_PASSWORD"  # of the store\n  value: '${value}'\n`],
    ["lines that end as on Windows", `env:\r\n- key: DB_PASSWORD\r\n  value: ${value}\r\n`],
    ["braces", `env: [{ name: DB_PASSWORD, value: ${value} }]\n`],
    ["JSON", `{"environment": [{"name": "DB_PASSWORD", "value": "${value}"}]}`],
    ["JSON on lines", `[\n  {\n    "name": "DB_PASSWORD",\n    "value": "${value}"\n  }\n]\n`],
    ["HCL", `environment = [{ name = "DB_PASSWORD", value = "${value}" }]\n`],
  ])("are a secret where the name says so, in %s.", (_, text) => {
    expect(names(text, "app.yaml")).toEqual(["the value of DB_PASSWORD"]);
    const [found] = secretsIn(text, "app.yaml", "all");
    expect(text.slice(found?.offset, found?.end)).toBe(value);
  });

  test.each([
    ["a variable", "- name: DB_PASSWORD\n  value: ${DB_PASSWORD}\n"],
    ["a template", "- name: DB_PASSWORD\n  value: {{ .Values.password }}\n"],
    ["an innocent name", `- name: BUILD_ID\n  value: ${value}\n`],
    ["a placeholder", "- name: DB_PASSWORD\n  value: changeme\n"],
    ["another mapping's value", `secret:\n  name: db-password\nvalue: ${value}\n`],
    ["a name that points to an object", `- name: existingSecret\n  value: ${value}\n`],
    ["a file", "- name: DB_PASSWORD_FILE\n  value: /run/secrets/db_pass0\n"],
  ])("are none where there is %s.", (_, text) => {
    expect(names(text, "app.yaml")).toEqual([]);
  });

  test("take time that grows with the text alone.", () => {
    const started = threadMs();
    for (const piece of ["- name: DB_PASSWORD\n", "name: ", "- - - ", "name: a,", "  \n", "{,", "name: a # "])
      secretsIn(piece.repeat(50_000), "app.yaml", "all");
    expect(threadMs() - started).toBeLessThan(3_000);
  });
});

// covers: S1 | files
test("The login of a bridge of Mosquitto is found, and a placeholder is none.", () => {
  const conf = (value: string) => `listener 1883\nconnection b\nremote_username me\nremote_password ${value}\n`;
  expect(names(conf("189f1998366a989db6483e3f"), "mosquitto.conf")).toEqual(["the value of remote_password"]);
  expect(names(`connection b\nremote_password 189f1998366a989db6483e3f\n`, "mosquitto.conf")).toHaveLength(1);
  expect(names(conf("changeme"), "mosquitto.conf")).toEqual([]);
  expect(names(conf(`$${"{BRIDGE_PASSWORD}"}`), "mosquitto.conf")).toEqual([]);
});

describe("Passwords in addresses", () => {
  test("are found, but for guessable ones, variables, and hosts that only manuals name.", () => {
    expect(names("url: postgres://app:kq83nf92hd@db.internal/app")).toEqual([
      "the password in an address of the scheme postgres",
    ]);
    expect(names("url: postgres://app:kq83nf92hd@127.example.de:5432/app")).toHaveLength(1);
    expect(names("url: postgres://app:kq83nf92hd@[2001:db8::1]:5432/app")).toHaveLength(1);
    for (const url of [
      "postgres://app:app@db/app",
      "postgres://app:password@db/app",
      "postgres://app:${DB_PASSWORD}@db/app",
      "https://user:kq83nf92hd@example.com/",
      "amqp://guest:kq83nf92hd@localhost",
      "postgres://app:kq83nf92hd@[::1]:5432/app",
      "postgres://app:kq83nf92hd@0.0.0.0:5432/app",
      "https://user:kq83nf92hd@app.localhost/",
      "https://example.org/a:b@c",
    ])
      expect(names(`url: ${url}`), url).toEqual([]);
  });
});

describe("Values under names that say secret", () => {
  test.each([
    "db_password: kq83nf92hdX",
    "token = 8aff725d2e16ef31fbc42aa01",
    'api_key: "AbC9dEf2GhI5jKl8MnO1pQr4"',
    '{"a": 1, "client_secret": "V1StGXR8_Z5jdHi6B-myT9xZ"}',
    "export SESSION_SECRET=lThlZfb7E79kgKdg7q9e2jf/XF7VXSg",
    "ENV API_TOKEN=8aff725d2e16ef31fbc42aa01",
    "# admin_password=Sommer2024x!",
    'registration_shared_secret: "kV~Gn6tHq#Wm2;yP0Xr8^Lc4*Zs1@Jd,8e"',
    'macaroon_secret_key: "*p7&Nb3.Tf9_Re5^Qx1~Hu8*Wk2;Gz6=Lm0a"',
    "env: { DB_PASSWORD: kq83nf92hdX }",
    "env: {DB_PASSWORD: kq83nf92hdX}",
    "env: { STAGE: production, DB_PASSWORD: kq83nf92hdX } # until June",
    "steps: [{run: ./migrate.sh, env: {DB_PASSWORD: kq83nf92hdX}}]",
  ])("%s is one.", (text) => {
    expect(names(text)).toHaveLength(1);
    expect(names(text)[0]).toMatch(/^the value of \w+$/);
  });

  test.each([
    "password: Kennwort",
    "password: *default_password-2024a",
    "token: @secrets/app#token-8aff725d2e16ef31",
    "password: changeme",
    "secret_key = SW2YcwTIb9zpOOhoPsMm",
    "token: my-app-token-v2",
    "jwt_secret: mirotalkp2p_jwt_secret",
    "secretName: wildcard-tls-2024-cert",
    "existingSecret: cloudflare-tunnel-7f3a9b2c1d8e",
    "secretKey: db-password-5f7a9b2c1d8e",
    "password: ${DB_PASSWORD}",
    "password: {{ vault_password }}",
    "env: { DB_PASSWORD: $DB_PASSWORD2 }",
    "env: { DB_PASSWORD: '${{ secrets.DB_PASSWORD2 }}' }",
    "env: { DB_PASSWORD: ${{ secrets.DB_PASSWORD2 }} }",
    "env: { DB_PASSWORD: changeme }",
    "password: op://vault/item/password",
    "password: ENC[AES256_GCM,data:abc123==,iv:x,tag:y,type:str]",
    "password: !vault |",
    "token: var.cloudflare_token2",
    "token: 123e4567-e89b-12d3-a456-426614174000",
    "public_key: AAAAC3NzaC1lZDI1NTE5AAAAIGq1",
    "ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq1",
    "integrity_token: sha512-8aff725d2e16ef31fbc42aa01deadbeef",
    "The password: Tr0ub4dor&3 is in a comic",
    "password_hash: $2b$12$abcdefghijklmnopqrstuv",
    "token: /run/secrets/token1",
    "api_key: https://vault.example.org/v1/secret",
  ])("%s is none.", (text) => expect(names(text)).toEqual([]));

  test("are found in XML as elements, and under a bare `key` where they are what media servers give out.", () => {
    const key = "0f3c9a7b5d1e48626a9b0c4d8e7f1a23";
    expect(names(`<Config>\n  <ApiKey>${key}</ApiKey>\n</Config>`, "sonarr/config.xml")).toEqual([
      "the value of ApiKey",
    ]);
    expect(names("<Password>changeme</Password>", "a.xml")).toEqual([]);
    expect(names(`widget:\n  key: ${key}\n`)).toEqual(["the value of key"]);
    expect(names(`key: ${key.slice(0, 30)}\n`)).toEqual([]);
    expect(names("key: my-app/credentials-2024\n")).toEqual([]);
  });

  test("count in files of names and values alone, and not in tests, manuals, translations and schemas.", () => {
    const text = 'password: "kq83nf92hdX"\n';
    expect(names(text, "conf/app.toml")).toHaveLength(1);
    for (const path of ["src/app.ts", "tests/app.yaml", "README.md", "app.example.yaml", "locales/de.json"])
      expect(names(text, path), path).toEqual([]);
    expect(names(text, "conf/app.toml", "issued")).toEqual([]);
  });
});

// covers: S2 | compose kubernetes
describe("A SealedSecret", () => {
  /** As long as kubeseal's values of a key with 2048 and one with 4096 bits. */
  const sealed = (length = 388) => `AQ${random(length - 2)}`;

  test.each([
    [
      "in YAML",
      () => `kind: SealedSecret\nspec:\n  encryptedData:\n    password: ${sealed()}\n    token: ${sealed(484)}\n`,
    ],
    [
      "in a list",
      () => `kind: List\nitems:\n  - kind: SealedSecret\n    spec:\n      encryptedData:\n        token: ${sealed()}\n`,
    ],
    ["in braces", () => `{kind: SealedSecret, spec: {encryptedData: {password: ${sealed()}}}}\n`],
    [
      "in JSON",
      () => JSON.stringify({ kind: "SealedSecret", spec: { encryptedData: { password: sealed() } } }, null, 2),
    ],
  ])("%s is meant to be seen.", (_, make) => {
    expect(names(make(), "app/sealed.yaml")).toEqual([]);
  });

  test("keeps nothing else silent: what stands beside it, in its template, or in the open where a sealed value belongs.", () => {
    const plain = `kind: Secret\nstringData:\n  password: ${random(24)}1a\n`;
    const own = `kind: SealedSecret\nspec:\n  encryptedData:\n    password: ${sealed()}\n`;
    expect(names(`${own}---\n${plain}`)).toEqual(["the value of password"]);
    expect(names(`${plain}---\n${own}`)).toEqual(["the value of password"]);
    expect(names(`${own}  template:\n    data:\n      token: ${random(200)}1a\n`)).toEqual(["the value of token"]);
    expect(names(`kind: SealedSecret\nspec:\n  encryptedData:\n    password: ${random(24)}1a\n`)).toHaveLength(1);
    expect(names(`kind: Other\nspec:\n  encryptedData:\n    password: ${sealed()}\n`)).toHaveLength(1);
  });
});

describe("Passwords on the command line of curl", () => {
  test.each([
    "curl -u deploy:kq83nf92hdX https://git.home.arpa",
    "curl -sS --user deploy:kq83nf92hdX https://git.home.arpa",
    "curl --user=deploy:kq83nf92hdX https://git.home.arpa",
    "curl -X POST \\\n  -u 'deploy:kq83nf92hdX' \\\n  https://git.home.arpa",
  ])("are found in %s", (text) => expect(names(text)).toEqual(["a password for curl"]));

  test("are found behind a command that is cut off.", () => {
    const cut = `curl ${"a".repeat(1_900)} | curl ${"b".repeat(1_500)} curl -u deploy:kq83nf92hdX x`;
    expect(names(cut)).toEqual(["a password for curl"]);
  });

  test.each([
    "curl -u user:password https://git.home.arpa",
    "curl -u admin:changeme https://git.home.arpa",
    "curl -u $USER:$PASSWORD99 https://git.home.arpa",
    'curl -u "deploy:${PASSWORD99}" https://git.home.arpa',
    "curl -u ${{ secrets.USER }}:${{ secrets.PASSWORD99 }} https://git.home.arpa",
    "curl -u deploy:<password99> https://git.home.arpa",
    "curl https://git.home.arpa && docker run -u root:kq83nf92hdX alpine",
    "docker run -u 1000:1000 alpine",
    "docker run --user root alpine",
    "curl -o out.txt\n-u deploy:kq83nf92hdX",
  ])("are none in %s", (text) => expect(names(text)).toEqual([]));
});

describe("Paths", () => {
  test("say what is not opened, what shows how something is done, and what is made of names and values.", () => {
    for (const path of ["logo.png", "package-lock.json", "a/go.sum", "x.min.js", "key.p12"])
      expect(isWorthScanning(path), path).toBe(false);
    for (const path of ["compose.yaml", "Dockerfile", "id_ed25519", "notes"])
      expect(isWorthScanning(path), path).toBe(true);
    for (const path of ["tests/a.py", "pkg/testdata/k.pem", "docs/x.yaml", ".env.example", "a.test.ts", "README.md"])
      expect(isExample(path), path).toBe(true);
    for (const path of ["app/latest.yaml", "contest/a.py", "compose.yaml", ".env"])
      expect(isExample(path), path).toBe(false);
    expect(isConfig("grafana.ini")).toBe(true);
    expect(isConfig(".npmrc")).toBe(true);
    expect(isConfig("main.go")).toBe(false);
  });
});

describe("A hostile text", () => {
  test.each([
    ["one long line of names", "token=".repeat(150_000)],
    ["one long line of quotes", 'token="'.repeat(150_000)],
    ["names without end", `${"secret_".repeat(150_000)}: x`],
    ["addresses without end", "http://a:".repeat(120_000)],
    ["addresses with names", "x://aaaaaaaa:bbbbbbbb".repeat(50_000)],
    ["keys that begin and never end", `${"-----BEGIN PRIVATE KEY-----\n"}${"MIIE".repeat(250_000)}`],
    ["beginnings of keys", "-----BEGIN PRIVATE KEY-----\n".repeat(40_000)],
    ["beginnings of PGP keys", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nabc\n".repeat(25_000)],
    ["a PGP key without end", `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${"lFgE\n".repeat(200_000)}`],
    ["beginnings of tokens", "ghp_glpat-xoxb-1-SG.a.sk-ant-".repeat(40_000)],
    ["a Slack token without end", `xoxb-${"a-".repeat(500_000)}!`],
    ["SendGrid keys without end", `${"SG.".concat("a".repeat(120), ".").repeat(8_000)}`],
    ["commands that never end", "curl -u a:b ".repeat(300_000)],
    ["entries in braces that never close", "{password=a1 ,".repeat(150_000)],
    [
      "sealed secrets in braces that never close",
      `kind: SealedSecret\ntoken: a1b2c3d4e5f6a7b8c9\n${"{encryptedData:{".repeat(80_000)}`,
    ],
    [
      "sealed secrets in sealed secrets",
      `kind: SealedSecret\ntoken: a1b2c3d4e5f6a7b8c9\n${Array.from({ length: 1_400 }, (_, depth) => `${" ".repeat(depth)}encryptedData:\n`).join("")}`,
    ],
    ["an npm token without a line's end", `x-oauth-basic@${"https://".repeat(120_000)}`],
  ])("%s is judged at once.", (_, text) => {
    const begun = threadMs();
    secretsIn(text, "package.json", "all");
    secretsIn(text, ".npmrc", "all");
    secretsIn(text, "x.yaml", "all");
    expect(threadMs() - begun).toBeLessThan(2_500);
  });

  test("never throws, and what is found lies within it.", () => {
    const piece = fc.constantFrom(
      "token",
      "password",
      "=",
      ": ",
      "\n",
      '"',
      "ghp_",
      "://",
      "@",
      "-----BEGIN PRIVATE KEY-----",
      "a9Z",
      "{{",
      " ",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 12 })), { maxLength: 60 }), (parts) => {
        const text = parts.join("");
        return secretsIn(text, "a.yaml", "all").every(
          ({ offset, end }) => 0 <= offset && offset < end && end <= text.length,
        );
      }),
      { numRuns: 500 },
    );
  });
});

test("The library is asked only where one of its marks stands, and every one of its rules' marks is in the common one.", () => {
  expect(mayHoldIssued(readFileSync(new URL("./scan.ts", import.meta.url), "utf8"))).toBe(false);
  expect(issuedSecretsIn("nothing", "a")).toEqual([]);
});
