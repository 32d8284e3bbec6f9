import { expect, test } from "vitest";
import { systemsOf } from "../platforms/testing/systems-of.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

function unknownsOf(files: Readonly<Record<string, string>>) {
  const options = { today: new Date("2026-03-01"), profile: "homelab", ownStack: false } as const;
  return evaluate(systemsOf(files), allControls, options).findings.filter(({ verdict }) => verdict === "unknown");
}

const sshd = "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin no\nX11Forwarding no\n";

// covers: A9 G2 | files | real: the sshd_config that Debian installs
test("What an sshd_config includes and is not there is told once, for all that hangs on it.", () => {
  const unknowns = unknownsOf({ sshd_config: `Include /etc/ssh/sshd_config.d/*.conf\n${sshd}` });
  expect(unknowns.map(({ control, severity, subject, message }) => [control, severity, subject.name, message])).toEqual(
    [
      [
        "governance.service-resolved",
        "info",
        "sshd_config",
        expect.stringMatching(
          /^\d+ checks cannot be told: `\/etc\/ssh\/sshd_config\.d\/\*\.conf` is included and is not in this/,
        ),
      ],
    ],
  );
  expect(unknowns[0]?.includes?.map(({ control }) => control)).toEqual(
    expect.arrayContaining(["identity.ssh-keys-only", "identity.ssh-root-refused", "identity.ssh-users-named"]),
  );
});

test("A value that is filled in is told by itself, and what is whole is not told at all.", () => {
  expect(unknownsOf({ sshd_config: `PermitTunnel {{ tunnel }}\n${sshd}` }).map(({ control }) => control)).toEqual([
    "identity.ssh-sessions-confined",
  ]);
  expect(unknownsOf({ sshd_config: sshd })).toEqual([]);
});
