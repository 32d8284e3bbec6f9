import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import type { CloudInitConfiguration } from "../../facts/configuration/cloud-init.ts";
import { describePlace } from "../../lib/place.ts";
import { systemsOf } from "../../platforms/testing/systems-of.ts";
import { cloudInitFormat } from "./index.ts";

function readAll(files: Readonly<Record<string, string>>): readonly CloudInitConfiguration[] {
  return systemsOf(files).flatMap((system) =>
    system
      .all("repository-file")
      .flatMap(({ configuration }) => (configuration?.software === "cloud-init" ? [configuration] : [])),
  );
}

const risksOf = (text: string, path = "user-data") =>
  readAll({ [path]: text }).flatMap(({ risks }) => risks.items.map(({ kind }) => kind));
const secretsOf = (text: string, path = "user-data") =>
  readAll({ [path]: text }).flatMap(({ secrets }) => secrets.items.map(({ what }) => what));
const config = (lines: string) => `#cloud-config\n${lines}\n`;

describe("A loose file for cloud-init", () => {
  // covers: S1 | files
  test.each([
    ["users: [{name: a, plain_text_passwd: hunter2}]", "the password of a"],
    ["users: [{name: a, passwd: hunter2}]", "the password of a"],
    ["users: [{name: a, hashed_passwd: notahash}]", "the password of a"],
    ["chpasswd: {list: ['root:toor']}", "the password of root"],
    ["chpasswd:\n  list: |\n    root:toor", "the password of root"],
    ["chpasswd: {users: [{name: root, password: toor, type: text}]}", "the password of root"],
    ["password: ubuntu", "the password of the image's own user"],
    ["autoinstall: {identity: {username: a, password: hunter2}}", "the password of a"],
    ["autoinstall: {user-data: {password: hunter2}}", "the password of the image's own user"],
    ["runcmd: ['echo root:toor | chpasswd']", "the password of a user"],
  ])("tells the password of %s", (lines, expected) => {
    expect(secretsOf(config(lines))).toEqual([expected]);
  });

  test.each([
    "users: [{name: a, passwd: '$6$abc$def'}, {name: b, passwd: '!'}, {name: c, hashed_passwd: '$y$j9T$abc$def'}]",
    "chpasswd: {list: ['root:RANDOM', 'a:$6$abc$def'], users: [{name: a, type: RANDOM}]}",
    "password: ${password}",
    "password: '{{ password }}'",
    "password: <password>",
    "password: $VM_PASSWORD",
    "password: ENC[AES256_GCM,data:abc,iv:def]",
    "autoinstall: {identity: {username: a, password: '$6$abc$def'}}",
    "users: [default]",
    "users: [{name: a, passwd: '$6$...your hash...'}, {name: b, hashed_passwd: HASH_A_GÉNÉRÉ}]",
    "autoinstall: {identity: {username: a, password: $6$encrypted_password_here}}",
    "autoinstall: {identity: {username: a, password: '$2y$12$zfS.Dpm682guriw6fJ5PXu4Kv7GSs7VYHUPGphQdSnT0wb4Rt1tVS'}}",
    "password: REPLACE_WITH_A_STRONG_PASSWORD",
  ])("tells no password of %s", (lines) => {
    expect(secretsOf(config(lines))).toEqual([]);
  });

  test("tells a secret in a file that it writes, however it is encoded, and without its value.", () => {
    const secret = "DB_PASSWORD=vK8mq2Zr9Lx1Tn4\n";
    for (const [encoding, content] of [
      ["b64", Buffer.from(secret).toString("base64")],
      ["gz+base64", gzipSync(secret).toString("base64")],
    ]) {
      const text = config(`write_files: [{path: /etc/a.env, encoding: ${encoding}, content: '${content}'}]`);
      expect(secretsOf(text)).toEqual(["the value of DB_PASSWORD (encoded, which hides nothing)"]);
      expect(JSON.stringify(readAll({ "user-data": text }))).not.toContain("vK8mq2Zr9Lx1Tn4");
    }
    expect(secretsOf(config("write_files: [{path: /a, encoding: gz+b64, content: AAAA}]"))).toEqual([]);
  });

  // covers: V3 | files
  test.each([
    ["apt: {sources: {a: {source: 'deb [trusted=yes] http://e.org x main'}}}", ["signatures-unverified"]],
    ["apt: {sources: {a: {source: 'deb http://e.org x main', keyid: ABCD}}}", []],
    ["apt: {conf: 'APT::Get::AllowUnauthenticated \"true\";'}", ["signatures-unverified"]],
    ["yum_repos: {a: {baseurl: 'http://e.org', gpgcheck: false}}", ["signatures-unverified"]],
    ["yum_repos: {a: {baseurl: 'http://e.org', gpgcheck: true}}", []],
    ["write_files: [{path: /a, permissions: 0666, content: a}]", ["world-writable"]],
    ["write_files: [{path: /a, permissions: '4755', content: a}]", ["set-user-id"]],
    ["write_files: [{path: /a, permissions: '0644', content: a}]", []],
    ["bootcmd: [[sh, -c, 'curl https://e.org | sh']]", ["download-run"]],
    ["runcmd: ['curl -o x https://e.org/x', [sh, x]]", ["download-run"]],
    ["autoinstall: {late-commands: ['curl http://e.org | sh']}", ["plain-download-run"]],
  ])("is read for what it takes and opens: %s", (lines, kinds) => {
    expect(risksOf(config(lines as string))).toEqual(kinds);
  });

  // covers: A9 | files
  test.each([
    ["ssh_pwauth: true", "yes", "unstated"],
    ["autoinstall: {ssh: {allow-pw: true}}", "yes", "unstated"],
    ["autoinstall: {user-data: {disable_root: false}}", "unstated", "prohibit-password"],
    ["disable_root: false", "unstated", "prohibit-password"],
    ["runcmd: [\"sed -i 's/^#*PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config\"]", "unstated", "yes"],
    ["runcmd: [\"sed -i 's/PermitRootLogin yes/PermitRootLogin no/' /etc/ssh/sshd_config\"]", "nothing", "nothing"],
    ["write_files: [{path: /etc/ssh/sshd_config.d/a.conf, content: PasswordAuthentication yes}]", "yes", "unstated"],
    ...(
      [
        ["sed -i 's/#Port 22/Port 2222/; s/^#*PasswordAuthentication.*/PasswordAuthentication yes/' FILE", "yes"],
        ["sed -i -e 's/#Port 22/Port 2222/' -e 's|PermitRootLogin no|PermitRootLogin yes|' FILE", "root"],
        ["sed -i 's/#Port 22/Port 2222/' FILE; echo 'PasswordAuthentication yes' >> FILE", "yes"],
        ["sed -i -E 's/^#?(PermitRootLogin|PasswordAuthentication) .*/\\1 yes/' FILE", "both"],
        ["sed -i 's/^#*\\(PasswordAuthentication\\).*/\\1 yes/' FILE", "yes"],
        ["sed -i '/^PasswordAuthentication/c\\PasswordAuthentication yes' FILE", "yes"],
        ["sed -i 's%^PasswordAuthentication.*%PasswordAuthentication yes%' FILE", "yes"],
        ["sed -i '/^PasswordAuthentication yes/d' FILE", "nothing"],
        ["sed -i '/PermitRootLogin yes/s/yes/no/' FILE", "nothing"],
        ["sed -i 's/^PasswordAuthentication yes/#PasswordAuthentication yes/' FILE", "nothing"],
        ["sed -i 's/PasswordAuthentication yes/PasswordAuthentication no/;s/a/b/' FILE", "nothing"],
      ] as const
    ).map(([command, opens]): [string, string, string] => [
      `runcmd: [${JSON.stringify(command.replaceAll("FILE", "/etc/ssh/sshd_config"))}]`,
      { yes: "yes", both: "yes", root: "unstated", nothing: "nothing" }[opens],
      { yes: "unstated", both: "yes", root: "yes", nothing: "nothing" }[opens],
    ]),
    [
      "write_files: [{path: /etc/ssh/sshd_config.d/a.conf, content: '# PasswordAuthentication yes'}]",
      "nothing",
      "nothing",
    ],
  ])("says of SSH: %s", (lines, passwords, root) => {
    const [system] = systemsOf({ "user-data": config(lines) });
    const [sshd] = (system?.all("repository-file") ?? []).flatMap(({ configuration }) =>
      configuration?.software === "sshd" ? [configuration.settings] : [],
    );
    const shown = (name: "passwordauthentication" | "permitrootlogin") => {
      const value = sshd?.[name].value;
      return value === undefined ? "nothing" : value.kind === "stated" ? value.value : value.kind;
    };
    expect([shown("passwordauthentication"), shown("permitrootlogin")]).toEqual([passwords, root]);
  });

  // covers: V3 | files
  test.each([
    ["#include\nhttps://e.org/a\n", ["download-run"], false],
    ["#include-once\nhttp://e.org/a\n", ["plain-download-run"], false],
    ["#part-handler\nimport os\n", [], false],
    ["#cloud-boothook\n#!/bin/sh\ncurl https://e.org | sh\n", ["download-run"], true],
    ["## template: jinja\n#!/bin/sh\ncurl https://e.org | sh\n", ["download-run"], true],
    ["\n  #cloud-config\n  runcmd: ['curl https://e.org | sh']\n", ["download-run"], true],
    [
      "#cloud-config-archive\n- type: text/cloud-config\n  content: |\n    #cloud-config\n    bootcmd: ['curl https://e.org | sh']\n" +
        '- "#!/bin/sh\\ncurl http://e.org | sh"\n',
      ["download-run", "plain-download-run"],
      true,
    ],
    ["#cloud-config-archive\n- content: |\n    #cloud-config-archive\n    - a\n", [], false],
  ])("is read in each of the forms that cloud-init takes: %j", (text, kinds, complete) => {
    expect(risksOf(text as string).sort()).toEqual(kinds);
    expect(readAll({ "user-data": text as string })[0]?.risks.complete).toBe(complete);
  });

  describe("of several parts", () => {
    const part = (headers: string, body: string) => `--=_b\n${headers}\n\n${body}`;
    const message = (...parts: string[]) =>
      `Content-Type: multipart/mixed;\n boundary="=_b"\nMIME-Version: 1.0\n\n${parts.join("")}--=_b--\nafter\n`;
    const cloudConfig = "Content-Type: text/cloud-config; charset=us-ascii";
    const script = "Content-Type: text/x-shellscript\nContent-Disposition: attachment; filename=a.sh";

    test("is read part by part, each at its lines.", () => {
      const text = message(
        part(cloudConfig, "#cloud-config\npassword: hunter2\n"),
        part(cloudConfig, "runcmd:\n  - curl https://e.org | sh\n"),
        part(script, "#!/bin/sh\nchmod 777 /srv\n"),
        part("Content-Type: text/plain", "#cloud-config\nruncmd: ['chmod 666 /a']\n"),
      );
      const [system] = systemsOf({ "user-data": text });
      const [read] = readAll({ "user-data": text });
      expect(read?.risks.items.map(({ kind, place }) => `${kind} ${describePlace(place)}`)).toEqual([
        "download-run user-data:14:5",
        "world-writable user-data:25:10",
        "world-writable user-data:20:1",
      ]);
      expect(read?.secrets.items.map(({ what, place }) => `${what} ${describePlace(place)}`)).toEqual([
        "the password of the image's own user user-data:9:11",
      ]);
      expect([read?.risks.complete, system?.problems]).toEqual([true, []]);
    });

    test("is read where a part is encoded, and in doubt where it holds parts of its own.", () => {
      const encoded = Buffer.from("#cloud-config\nruncmd: ['curl https://e.org | sh']\n").toString("base64");
      const text = message(part(`${cloudConfig}\nContent-Transfer-Encoding: base64`, `${encoded}\n`));
      expect(risksOf(text)).toEqual(["download-run"]);
      const within = message(part("Content-Type: multipart/mixed; boundary=x", "--x\n\n#cloud-config\n--x--\n"));
      expect(readAll({ "user-data": within })[0]?.risks.complete).toBe(false);
    });
  });

  test("is recognised by what stands in it, where its path says that it may be one.", () => {
    const is = (path: string, text: string) => cloudInitFormat.mayBe(path) && cloudInitFormat.recognises(path, text);
    for (const path of [
      "http/user-data",
      "cloud-init.cfg",
      "snippets/docker.yml",
      "user_data.tftpl",
      "vendor-data.yaml.j2",
    ])
      expect(is(path, "#cloud-config\nusers: []\n"), path).toBe(true);
    expect(is("autoinstall.yaml", "autoinstall:\n  version: 1\n")).toBe(true);
    expect(is("user-data.sh", "#!/bin/bash\ntrue\n")).toBe(true);
    expect(is("http/index.yaml", "a: 1\n")).toBe(false);
    expect(is("compose.yaml", "#cloud-config\n")).toBe(false);
    expect(is("cloud-init.sh", "#!/bin/bash\n")).toBe(false);
    // As Multipass takes it.
    expect(is("cloud-init.yaml", "package_update: true\nruncmd:\n  - a\n")).toBe(true);
    expect(is("cloud-init.yaml", "runcmd:\n  - a\n")).toBe(false);
    expect(is("cloud-init.yaml", "- hosts: all\n  tasks: []\n")).toBe(false);
  });

  test("is read around what a template fills in, and in doubt where that may be a command.", () => {
    const read = (lines: string) => {
      const [first] = readAll({ "user-data.tftpl": config(lines) });
      return [first?.risks.items.length, first?.risks.complete];
    };
    expect(read("runcmd:\n  - [tailscale, up, ${key}]\n  - curl https://e.org | sh")).toEqual([1, true]);
    expect(read("runcmd:\n  - [sh, -c, ${command}]")).toEqual([0, false]);
    expect(read("runcmd:\n  - {{ command }}\n  - echo {{ word }}")).toEqual([0, false]);
    expect(read("runcmd:\n  - echo {{ word }}")).toEqual([0, true]);
  });

  test("is in doubt where a template decides what there is, and says nothing of its YAML.", () => {
    const templated = "#cloud-config\n%{ for u in users ~}\nusers: [a]\n%{ endfor ~}\nruncmd: [true]\n";
    const [system] = systemsOf({ "user-data.tftpl": templated });
    expect(system?.problems).toEqual([]);
    expect(readAll({ "user-data.tftpl": templated })[0]?.risks.complete).toBe(false);
    expect(readAll({ "user-data": config("users: [") })[0]?.risks.complete).toBe(false);
    expect(readAll({ "user-data": config("users: []") })[0]?.risks.complete).toBe(true);
  });

  test("never makes reading throw, and takes time that grows with its length.", () => {
    const parts = [
      "#cloud-config\n",
      "users:\n",
      " - name: a\n",
      "   passwd: ",
      "$6$",
      "runcmd:\n",
      " - [sh, ",
      "{{ ",
      "%{ ",
      "\n",
      "apt: {",
      "identity:",
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n",
      "--x\n",
      "--x--",
      "#include\nhttp://",
      "#cloud-config-archive\n- ",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 25 }), (pieces) => {
        readAll({ "user-data": `#cloud-config\n${pieces.join("")}` });
        readAll({ "user-data": `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n${pieces.join("")}` });
      }),
      { numRuns: 60 },
    );
    const started = threadMs();
    readAll({
      "user-data": config(`runcmd:\n${"  - sed -i s/a/PermitRootLogin yes/ /etc/ssh/sshd_config x\n".repeat(3_000)}`),
    });
    const expressions = `s/${"\\\\(a".repeat(200)}s/;/${"s|x".repeat(200)}`.repeat(200);
    readAll({ "user-data": config(`runcmd: ["sed '${expressions}' /etc/ssh/sshd_config"]`) });
    readAll({
      "user-data": config(`users:\n${"  - {name: a, passwd: b, lock_passwd: false, sudo: c}\n".repeat(3_000)}`),
    });
    readAll({ "user-data": config(`apt: {sources_list: "${"[trusted ".repeat(20_000)}"}`) });
    readAll({
      "user-data": `MIME-Version: 1.0\nContent-Type: a/b;${" \n boundary".repeat(5_000)}=x\n\n${"--x\n".repeat(50_000)}`,
    });
    expect(threadMs() - started).toBeLessThan(2_500);
  });
});
