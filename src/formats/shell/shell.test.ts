import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { lexShell, type ShellScript } from "./lex.ts";
import { packageListsAlone, risksOf, risksOfArguments } from "./risks.ts";

/** Words with dots between, `|` between commands of a pipeline, `;` between pipelines, substitutions in braces. */
function shown(script: ShellScript): string {
  return script
    .map((pipeline) =>
      pipeline
        .map(({ words, inputs }) => {
          const texts = words.map(
            ({ text, nested }) => `${text}${nested.map((inner) => `{${shown(inner)}}`).join("")}`,
          );
          return [...texts, ...inputs.map(({ text }) => `<<${JSON.stringify(text)}`)].join("·");
        })
        .join(" | "),
    )
    .join(" ; ");
}

describe("A shell script is taken apart", () => {
  test.each([
    ["a b && c 'd e' | f", "a·b ; c·d e | f"],
    ["(curl x) | sh", "curl·x | sh"],
    ["a \\\n b#c # d | e\nf", "a·b#c ; f"],
    ["if a; then\n b | \n c; fi", "if·a ; then ; b | c ; fi"],
    ['bash -c "$(curl x)"', "bash·-c·$(curl x){curl·x}"],
    ["bash <(curl x) a", "bash·{curl·x}·a"],
    ["a 2>&1 >/dev/null | b", "a | b"],
    ["cat <<EOF > f\nhi | sh\nEOF\nnext", 'cat·<<"hi | sh\\n" ; next'],
    ["cat <<'A' <<-B\n1\nA\n\t2\n\tB\nz", 'cat·<<"1\\n"·<<"\\t2\\n" ; z'],
    ["x=$( (a;b) | c ) d", "x=$( (a;b) | c ){a ; b | c}·d"],
    ['echo "a`b c`d" ${X:-y z} $((1+2))', "echo·a`b c`d{b·c}·${X:-y z}·$((1+2))"],
  ])("%j is %s.", (script, expected) => {
    expect(shown(lexShell(script))).toBe(expected);
  });

  test("Every word stands where it says.", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("curl", " ", "|", "\n", "a-b", ";", "&&", "x/y"), { maxLength: 40 }),
        (parts) => {
          const text = parts.join("");
          for (const pipeline of lexShell(text, 7)) {
            for (const { words } of pipeline) {
              for (const word of words) expect(text.startsWith(word.text, word.offset - 7)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("Time grows with the length alone, whatever is left open.", () => {
    const openings = [
      "$(",
      "`",
      '"$(',
      "<<E ",
      "<<E\n",
      "\\ ",
      "((",
      "${",
      "<(",
      "'",
      "a|",
      "curl k -k ",
      "chmod 777 ",
    ];
    for (const opening of openings) {
      const started = threadMs();
      risksOf(opening.repeat(60_000));
      expect(threadMs() - started, opening).toBeLessThan(1_500);
    }
  });

  test("Nothing that anybody writes makes it throw.", () => {
    const parts = [
      "$(",
      ")",
      "`",
      '"',
      "'",
      "\\",
      "\n",
      "|",
      "&",
      ";",
      "<<E",
      "E\n",
      "curl -k http://a|sh",
      "{",
      "}",
      "${",
      " ",
      "#",
      "$((",
      "<(",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 60 }), (pieces) => {
        risksOf(pieces.join(""));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("What a script risks", () => {
  // covers: V3 S1
  test.each([
    ["curl -fsSL https://get.docker.com | sudo -E sh -s -- --version 27", "download-run"],
    ["wget -qO- http://get.example.org/x.sh | bash", "plain-download-run"],
    ["bash <(curl -s https://codecov.io/bash)", "download-run"],
    ['sh -c "$(curl -fsSL https://raw.example.org/install.sh)"', "download-run"],
    ['eval "$(curl -s https://example.org/env)"', "download-run"],
    ["curl -sSL https://install.python-poetry.org | POETRY_HOME=/opt python3 -", "download-run"],
    ["set -e; bash <<EOF\ncurl https://example.org | sh\nEOF", "download-run"],
    ["sh -c 'curl https://example.org | sh'", "download-run"],
    ["su - me -c 'curl https://example.org | sh'", "download-run"],
    ['su --command="curl https://example.org | sh" me', "download-run"],
    ["runuser me -c 'curl https://example.org | sh'", "download-run"],
    ["runuser -u me -- sh -c 'curl https://example.org | sh'", "download-run"],
    ["gosu me:me bash -c 'curl https://example.org | sh'", "download-run"],
    ["chroot /target sh -c 'curl https://example.org | sh'", "download-run"],
    ["curtin in-target --target=/target -- sh -c 'curl https://example.org | sh'", "download-run"],
    ["timeout -k 5 300 sh -c 'curl https://example.org | sh'", "download-run"],
    ["curl -fsSLk https://10.0.0.1/x -o /y", "certificates-unverified"],
    ["wget --no-check-certificate $URL", "certificates-unverified"],
    ["git -c http.sslVerify=false clone x", "certificates-unverified"],
    ["pip install --trusted-host pypi.example.org x", "certificates-unverified"],
    ["NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", "certificates-unverified"],
    ["apt-get install -y --allow-unauthenticated foo", "signatures-unverified"],
    ["yum install -y --nogpgcheck foo", "signatures-unverified"],
    ["apk add --allow-untrusted foo.apk", "signatures-unverified"],
    ["chmod -R 0777 /srv", "world-writable"],
    ["chmod a+w /srv/x", "world-writable"],
    ["install -d -m 777 /srv/x", "world-writable"],
    ["chmod u+s /usr/bin/x", "set-user-id"],
    ["chmod 6755 /usr/bin/x", "set-user-id"],
    ["apt-get install -y --no-install-recommends openssh-server=1:9.2", "remote-shell"],
    ["echo 'dev ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers", "sudo-without-password"],
    ["echo 'root:toor' | chpasswd", "secret"],
    ["git clone https://bot:s3cr3tTok3n@example.com/a/b", "secret"],
    ["mysql --password=Sup3rS3cret99 -e x", "secret"],
    ["curl -fsS -u deploy:Sup3rS3cret99 https://x", "secret"],
    ["curl -udeploy:Sup3rS3cret99 https://x", "secret"],
    ["curl --user=deploy:Sup3rS3cret99 https://x", "secret"],
    ["skopeo copy --dest-creds deploy:Sup3rS3cret99 a b", "secret"],
    ['curl -H "Authorization: Bearer ghp_0123456789abcdefghijABCDEFGHIJ012345" https://x', "secret"],
  ])("%s", (script, kind) => {
    expect(risksOf(script).map((risk) => risk.kind)).toEqual([kind]);
  });

  test.each([
    "curl -s https://example.org/x | python -m json.tool",
    "curl https://example.org/key.asc | gpg --dearmor -o /etc/apt/keyrings/x.gpg",
    "curl -fsSL https://example.org/x.tar.gz | tar xz",
    "curl -k https://localhost:8443/health",
    "VERSION=$(curl -s https://api.example.org/latest | jq -r .tag) && echo $VERSION",
    "chmod 1777 /tmp && chmod 777 /tmp && chmod +x run.sh && chmod g+s data && chmod 2775 data",
    "find / -perm /6000 -type f -exec chmod a-s {} \\;",
    "apt-get update && apt-get install -y openssh-client sudo",
    'echo "root:$PASSWORD" | chpasswd',
    'curl -u "deploy:$PASSWORD99" https://x && curl -u user:password https://x && curl -u deploy: https://x',
    "docker run -u 1000:1000 alpine && docker run --user root:Sup3rS3cret99 alpine",
    "git clone https://x-access-token:${TOKEN}@github.com/a/b",
    "SECRET_KEY=dummy python manage.py collectstatic",
    "SECRET_KEY_BASE=1 bin/rails assets:precompile",
    "npm config set //registry.npmjs.org/:_authToken=$NPM_TOKEN",
    "echo 'curl https://example.org | sh'",
    "grep -c 'curl https://example.org | sh' x && chroot /target true && su - me",
  ])("is nothing: %s", (script) => {
    expect(risksOf(script)).toEqual([]);
  });

  test("No secret is in what is told of it.", () => {
    const secrets = ["s3cr3tTok3n99", "Sup3rS3cret99"];
    const told = JSON.stringify(
      secrets.flatMap((value) => [
        ...risksOf(`git clone https://bot:${value}@example.com/x; mysql --password=${value}; TOKEN=${value} x`),
        ...risksOf(`curl https://bot:${value}@get.example.com/x | sh; echo root:${value} | chpasswd`),
        ...risksOfArguments(["mysql", `--password=${value}`], 0),
      ]),
    );
    for (const value of secrets) expect(told).not.toContain(value);
    expect(told).toContain("get.example.com");
  });

  test("Package lists count as fetched alone when nothing follows and nothing is installed.", () => {
    expect(packageListsAlone("apt-get update")).toBe(0);
    expect(packageListsAlone("curl x > list && apt update")).toBe(17);
    expect(packageListsAlone("apt-get update && apt-get install -y x")).toBeUndefined();
    expect(packageListsAlone("apt-get update && ./install.sh")).toBeUndefined();
    expect(packageListsAlone("git pull --update")).toBeUndefined();
  });
});
