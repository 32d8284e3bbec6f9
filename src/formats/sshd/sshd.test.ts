import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import type { SshdConfiguration } from "../../facts/configuration/sshd.ts";
import { describePlace } from "../../lib/place.ts";
import { systemsOf } from "../../platforms/testing/systems-of.ts";
import { sshdLines } from "./parse.ts";

function read(files: Readonly<Record<string, string>>): readonly SshdConfiguration[] {
  return readAll(files).configs;
}

/** The configurations, and what is told of what could not be read. */
function readAll(files: Readonly<Record<string, string>>): {
  readonly configs: readonly SshdConfiguration[];
  readonly problems: readonly string[];
} {
  const systems = systemsOf(files);
  const configs = systems.flatMap((system) =>
    system
      .all("repository-file")
      .flatMap(({ configuration }) => (configuration?.software === "sshd" ? [configuration] : [])),
  );
  const problems = systems.flatMap((system) =>
    system.problems.map(({ message, place }) => `${describePlace(place)} ${message}`),
  );
  return { configs, problems };
}

const setting = (config: SshdConfiguration | undefined, keyword: keyof SshdConfiguration["settings"]) => {
  const value = config?.settings[keyword].value;
  return value === undefined || !("value" in value) ? value?.kind : `${value.kind} ${value.value}`;
};

test("Files that include themselves and each other over and over are read no longer than others.", () => {
  const around = "Include /etc/ssh/sshd_config\n".repeat(4);
  const started = threadMs();
  const [config] = read({ "etc/ssh/sshd_config": `PermitRootLogin no\n${around}` });
  // Four to the sixteenth of files would be a matter of hours.
  expect(threadMs() - started).toBeLessThan(3_000);
  expect(config?.settings.permitrootlogin.value).toMatchObject({ kind: "stated", value: "no" });
  expect(config?.settings.passwordauthentication.behind).toBe("/etc/ssh/sshd_config");
});

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

  // covers: A9 | files | real: sshd -t of OpenSSH 9.2
  test.each([
    ["PasswordAuthentication perhaps", "passwordauthentication"],
    ["PasswordAuthentication true", "passwordauthentication"],
    ["PasswordAuthentication", "passwordauthentication"],
    ["PasswordAuthentication no yes", "passwordauthentication"],
    ["PermitRootLogin maybe", "permitrootlogin"],
    ["PermitTunnel YES", "permittunnel"],
    ["MaxAuthTries abc", "maxauthtries"],
    ["LoginGraceTime abc", "logingracetime"],
    ["LogLevel LOUD", "loglevel"],
    ["Port abc", undefined],
    ["Port 70000", undefined],
  ] as const)("with `%s` is none that sshd starts with, and what it means is not known.", (line, keyword) => {
    const { configs, problems } = readAll({
      sshd_config: `LogLevel INFO\n${line}\n`.replace(/^LogLevel INFO\n(?=LogLevel)/, "\n"),
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^sshd_config:2:1 The SSH server does not start with this file: `\w+` takes .+, and /);
    if (keyword !== undefined) expect(setting(configs[0], keyword)).toBe("unknown");
  });

  test.each([
    "PasswordAuthentication NO",
    "PermitRootLogin Without-Password",
    "GatewayPorts ClientSpecified",
    "PermitTunnel ethernet",
    "PermitUserEnvironment LANG,LC_*",
    "LoginGraceTime 2m30s",
    "LogLevel debug2",
    "PerSourcePenalties crash:3600s authfail:5",
    "Port 65535",
    "Port ssh",
    "Port {{ ssh_port }}",
    "PasswordAuthentication {{ 'yes' if x else 'no' }}",
    "PasswordAuthentication ${PASSWORDS}",
  ])("with `%s` is right.", (line) => {
    expect(readAll({ sshd_config: `${line}\n` }).problems).toEqual([]);
  });

  test("has values in single quotes too, and wrong ones below Match leave open what holds there.", () => {
    expect(setting(read({ sshd_config: "PasswordAuthentication 'yes'\n" })[0], "passwordauthentication")).toBe(
      "stated yes",
    );
    const [config] = read({ sshd_config: "Match User x\n PermitRootLogin maybe\n" });
    expect(config?.exceptions.complete).toBe(false);
  });

  test("that includes itself comes to an end, and no line takes long.", () => {
    expect(
      read({
        "ssh/sshd_config": "Include sshd_config.d/*\n",
        "ssh/sshd_config.d/a": "Include ../ssh/sshd_config.d/a\nInclude sshd_config.d/*\n",
      }),
    ).toHaveLength(1);
    const started = threadMs();
    for (const piece of ['"', "a ", "= ", "{{ ", "\t", "x="])
      sshdLines(`Match ${piece.repeat(400_000)}\n${`Port ${piece.repeat(1_000)}\n`.repeat(200)}`);
    expect(threadMs() - started).toBeLessThan(1_500);
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
