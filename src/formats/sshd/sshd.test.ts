import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { SshdConfiguration } from "../../facts/configuration/sshd.ts";
import { describePlace } from "../../lib/place.ts";
import { readPaths } from "../../platforms/read-paths.ts";
import { sshdLines } from "./parse.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function read(files: Readonly<Record<string, string>>): readonly SshdConfiguration[] {
  const folder = mkdtempSync(join(tmpdir(), "sshd-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return readPaths([folder], { cwd: folder }).systems.flatMap((system) =>
    system
      .all("repository-file")
      .flatMap(({ configuration }) => (configuration?.software === "sshd" ? [configuration] : [])),
  );
}

const setting = (config: SshdConfiguration | undefined, keyword: keyof SshdConfiguration["settings"]) => {
  const value = config?.settings[keyword].value;
  return value === undefined || !("value" in value) ? value?.kind : `${value.kind} ${value.value}`;
};

describe("An sshd_config", () => {
  // covers: A9
  test("is read as sshd reads it: the first value counts, in any case, with a blank or an equals sign.", () => {
    const [config] = read({
      sshd_config: 'PASSWORDauthentication=no # x\nPasswordAuthentication yes\nPermitRootLogin "no"\nCiphers a,b\n',
    });
    expect(setting(config, "passwordauthentication")).toBe("stated no");
    expect(setting(config, "permitrootlogin")).toBe("stated no");
    expect(setting(config, "ciphers")).toBe("stated a,b");
    expect(setting(config, "maxauthtries")).toBe("defaulted 6");
    expect(setting(config, "macs")).toBe("unstated");
  });

  test("holds for some alone below Match, and for everybody again below Match all.", () => {
    const [config] = read({
      sshd_config: "Match User a,b Address 10.0.0.0/8\n PermitRootLogin yes\nMatch all\nMaxAuthTries 3\n",
    });
    expect(config?.exceptions.items.map(({ criteria, keyword }) => `${criteria}: ${keyword}`)).toEqual([
      "User a,b Address 10.0.0.0/8: permitrootlogin",
    ]);
    expect(setting(config, "permitrootlogin")).toBe("defaulted prohibit-password");
    expect(setting(config, "maxauthtries")).toBe("stated 3");
  });

  test("takes in what it includes where it stands, and its parts are not judged a second time.", () => {
    const configs = read({
      "etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\nLogLevel INFO\n",
      "etc/ssh/sshd_config.d/10-a.conf": "PasswordAuthentication yes\nMatch User x\nLogLevel QUIET\n",
      "etc/ssh/sshd_config.d/20-b.conf": "LogLevel VERBOSE\n",
      "etc/ssh/sshd_config.d/README": "not taken in\n",
    });
    expect(configs).toHaveLength(1);
    const [config] = configs;
    expect(setting(config, "passwordauthentication")).toBe("stated yes");
    expect(setting(config, "loglevel")).toBe("stated VERBOSE");
    const place = config?.settings.passwordauthentication.value.place;
    expect(place === undefined ? "" : describePlace(place)).toBe("etc/ssh/sshd_config.d/10-a.conf:1:1");
  });

  test("says where a file comes first that is not here, and a part alone leaves the rest to others.", () => {
    const [config] = read({
      sshd_config: "LogLevel INFO\nInclude /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n",
    });
    expect(config?.settings.loglevel.behind).toBeUndefined();
    expect(config?.settings.passwordauthentication.behind).toBe("/etc/ssh/sshd_config.d/*.conf");
    const [part] = read({ "ssh/sshd_config.d/10.conf": "PasswordAuthentication no\n" });
    expect(part?.extent).toBe("part");
    expect(setting(part, "permitrootlogin")).toBe("unstated");
  });

  test("that includes itself comes to an end, and no line takes long.", () => {
    expect(
      read({
        "ssh/sshd_config": "Include sshd_config.d/*\n",
        "ssh/sshd_config.d/a": "Include ../ssh/sshd_config.d/a\nInclude sshd_config.d/*\n",
      }),
    ).toHaveLength(1);
    const started = performance.now();
    for (const piece of ['"', "a ", "= ", "{{ ", "\t", "x="])
      sshdLines(`Match ${piece.repeat(400_000)}\n${`Port ${piece.repeat(1_000)}\n`.repeat(200)}`);
    expect(performance.now() - started).toBeLessThan(1_500);
  });
});

describe("A cloud-config", () => {
  test.each([
    ["true", "stated yes"],
    ["no", "stated no"],
    ["unchanged", "unstated"],
    ["[1]", "unknown"],
  ])("with ssh_pwauth: %s is %s.", (value, expected) => {
    const [config] = read({ "user-data.yaml": `#cloud-config\nssh_pwauth: ${value}\nusers: [default]\n` });
    expect(setting(config, "passwordauthentication")).toBe(expected);
    expect(setting(config, "permitrootlogin")).toBe("unstated");
  });
});
