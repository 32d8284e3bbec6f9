import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { risksOf } from "./risks.ts";

const url = "https://get.example.org/install.sh";

describe("A download that is stored first", () => {
  // covers: V3
  test.each([
    `curl -fsSLo x.sh ${url}; sh x.sh`,
    `curl -fsSL ${url} -o /tmp/x.sh && bash -x /tmp/x.sh --yes`,
    `curl -sSL --output=/tmp/x.sh ${url} && chmod +x /tmp/x.sh && /tmp/x.sh`,
    `curl -O ${url}\nchmod 755 install.sh\nsudo ./install.sh`,
    `curl -fsSL ${url} > x.sh && . ./x.sh`,
    `curl -fsSL ${url} | tee x.sh > /dev/null; source x.sh`,
    `wget ${url} && sh ./install.sh`,
    `wget -qO "$TMP/x" ${url} && sh "$TMP/x"`,
    `wget -q ${url} -P /opt/ && sh /opt/install.sh`,
    `wget -O x.py ${url}?v=1 && python3 x.py`,
    `curl -fsSLo /usr/local/bin/tool ${url} && chmod +x /usr/local/bin/tool && tool init`,
    `curl -fsSLo tool ${url} && sudo install -m 0755 tool /usr/local/bin/tool && tool init`,
    `curl -fsSLo tool ${url} && mv tool /usr/local/bin/ && tool init`,
    `wget ${url}/a.deb && dpkg -i a.deb`,
    `curl -o ./a.deb ${url} && apt-get install -y ./a.deb`,
    `curl -o a.jar ${url} && java -jar a.jar`,
    `sh -c 'curl -o x ${url}; sh x'`,
    `sha256sum other; curl -o x ${url}; sh x`,
    `curl -o x ${url}; sh x; sha256sum -c sums`,
    `curl -o x ${url}; curl -o y ${url}; echo "abc  y" | sha256sum -c; sh x`,
  ])("and is then run is told: %s", (script) => {
    const found = risksOf(script);
    expect(found.map(({ kind }) => kind)).toEqual(["download-run"]);
    expect(found[0]?.what).toContain("get.example.org");
  });

  test("is told as plain where it comes over plain HTTP.", () => {
    expect(risksOf("curl -o x http://get.example.org/x; sh x")).toMatchObject([
      { kind: "plain-download-run", what: expect.stringContaining("over plain HTTP") },
    ]);
  });

  // covers: V3
  test.each([
    `curl -fsSLo x ${url} && echo "abc  x" | sha256sum -c - && sh x`,
    `curl -fsSLo x ${url} && curl -fsSLo sums ${url}.sha && sha256sum --ignore-missing -c sums && sh x`,
    `curl -fsSLo x ${url}\n[ "$(sha256sum x | cut -d' ' -f1)" = "$SUM" ] || exit 1\nsh x`,
    `curl -fsSLo x ${url}; sum=$(shasum -a 256 x | awk '{print $1}'); test "$sum" = abc && sh x`,
    `curl -fsSLo x ${url}; curl -fsSLo x.asc ${url}.asc; gpg --batch --verify x.asc x && sh x`,
    `curl -fsSLo x ${url}; gpg --verify x.sig; sh x`,
    `curl -fsSLo x ${url}; cosign verify-blob --key k.pub --signature s x; sh x`,
    `curl -fsSLo x ${url}; minisign -Vm x -P abc; sh x`,
    `curl -fsSLo x ${url}; openssl dgst -sha256 -verify k.pub -signature s x; sh x`,
    `curl -fsSLo x ${url}; gh attestation verify x --owner o; sh x`,
    `curl -fsSLo x ${url}; su me -c "sha256sum -c sums"; sh x`,
    `curl -fsSLo x ${url}; verify_checksum x; sh x`,
    `curl -fsSLo x ${url}; sh y`,
    `curl -fsSLo x.json ${url}; jq . x.json; cat x.json`,
    `curl -fsSLo x.tar.gz ${url}; tar xzf x.tar.gz`,
    `curl -fsSLo /usr/local/bin/tool ${url}; chmod +x /usr/local/bin/tool`,
    `curl -fsSL -o x http://localhost:8080/x; sh x`,
    `curl -fsSLo x ${url}; echo 'exit 0' > x; sh x`,
    `curl -fsSLo "$1" ${url}; }; run() { sh "$1"; }`,
    `curl -fsSL ${url} -o /dev/null; sh /dev/null`,
    `curl -s ${url} > page.html; grep x page.html`,
    `wget -O- ${url} | grep x; sh x`,
    `curl -fsS ${url}; sh install.sh`,
  ])("is nothing here: %s", (script) => {
    expect(risksOf(script)).toEqual([]);
  });

  test("is told once, however often it is run.", () => {
    expect(risksOf(`curl -o x ${url}; sh x a; sh x b; ./x c`)).toHaveLength(1);
  });

  // covers: V3
  test.each([
    [`wget -qO- ${url} | apt-key add -`, "key-unverified"],
    [`curl -fsSL ${url} | sudo apt-key add -`, "key-unverified"],
    ["wget -qO - http://deb.example.org/k.asc | apt-key add -", "plain-key-unverified"],
    [`curl -fsSLo k.asc ${url}; apt-key add k.asc`, "key-unverified"],
    ["rpm --import http://rpm.example.org/key", "plain-key-unverified"],
  ])("as a key for all packages is told: %s is %s", (script, kind) => {
    expect(risksOf(script).map((risk) => risk.kind)).toEqual([kind]);
  });

  test.each([
    `curl -fsSL ${url} | gpg --dearmor -o /etc/apt/keyrings/x.gpg`,
    `curl -fsSL ${url} | tee /etc/apt/keyrings/x.asc`,
    "apt-key add /root/own.asc",
    `rpm --import ${url}`,
  ])("is no key for all packages here: %s", (script) => {
    expect(risksOf(script)).toEqual([]);
  });

  test("takes time that grows with the length alone.", () => {
    for (const piece of [
      `curl -o x${"a".repeat(5)} ${url};`,
      "sha256sum x;",
      `wget ${url};sh install.sh;`,
      "mv a b;",
      "gpg gpg gpg ",
      "curl -o a https://e.org/a; mv a b; cp b a; ",
    ]) {
      const started = threadMs();
      risksOf(piece.repeat(8_000));
      expect(threadMs() - started, piece).toBeLessThan(2_500);
    }
    const many = Array.from({ length: 8_000 }, (_, at) => `curl -o f${at} ${url}`).join("\n");
    const started = threadMs();
    risksOf(`${many}\n${"sha256sum f1\n".repeat(4_000)}`);
    risksOf(`${many}\n${Array.from({ length: 8_000 }, (_, at) => `sh f${at}`).join("\n")}`);
    risksOf(many.replaceAll(/f(\d+)/g, "bin/$1/x") + "\nx\n./x\ngpg --verify x.asc y".repeat(4_000));
    expect(threadMs() - started).toBeLessThan(2_500);
  });
});
