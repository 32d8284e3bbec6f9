/**
 * What a session may open behind it is a way past everything that stands before the host.
 *
 * Reads:  repository-file.configuration (an sshd_config's settings)
 * Passes: no setting that OpenSSH leaves off is switched on.
 */
import type { SshdKeyword } from "../../facts/configuration/sshd.ts";
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { type Judge, judgeSetting, settingTo, sshdOf } from "../knowledge/sshd.ts";

export const sshSessionsConfined = defineControl({
  id: "identity.ssh-sessions-confined",
  on: "repository-file",
  software: ["sshd"],
  severity: "low",
  title: "SSH sessions open no further doors",
  claim: "SSH sessions cannot open ports to everybody, tunnels, or a window into the client's screen.",
  threat:
    "A forwarded port that listens on every address publishes what was inside, and a server that was taken over reads the keyboard of whoever forwards X11 to it.",
  remedy: "Remove the line, or write `no`; for one account that needs it, put it under `Match User NAME`.",
  judged:
    "Fails at medium for `GatewayPorts` and `PermitUserEnvironment`, at low for `X11Forwarding` and `PermitTunnel`. Forwarding of TCP and of the agent, which OpenSSH allows by default and a shell could replace, is not asked for to be off.",
  frameworks: { nistCsf: ["PR.IR-01"], coverage: ["A9"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Sessions open no X11 window, no tunnel and no port for other machines any more, and users set no variables.",
    onlyNamed: true,
    edits: (_file, _system, judgement) =>
      settingTo(
        { gatewayports: "no", permituserenvironment: "no", x11forwarding: "no", permittunnel: "no" },
        judgement,
      ),
  },

  check(file) {
    const config = sshdOf(file);
    if (config === undefined) return notApplicable("not the configuration of an SSH server");
    const off = config.settings.disableforwarding.value;
    const nothingForwarded = off.kind === "stated" && off.value.toLowerCase() === "yes";
    const all = rules.flatMap(([keyword, judge]) => {
      if (nothingForwarded && keyword !== "permituserenvironment") return [];
      return judgeSetting(config, keyword, judge) ?? [];
    });
    return all.length === 0 ? notApplicable("it states nothing of what a session may open") : all;
  },
});

const rules: readonly (readonly [keyword: SshdKeyword, judge: Judge])[] = [
  [
    "gatewayports",
    (value) =>
      value === "yes" || value === "clientspecified"
        ? { because: "a forwarded port listens on every address", severity: "medium" }
        : undefined,
  ],
  [
    "permituserenvironment",
    (value) =>
      value !== "no"
        ? { because: "users set variables such as LD_PRELOAD before their shell starts", severity: "medium" }
        : undefined,
  ],
  [
    "x11forwarding",
    (value) => (value === "yes" ? { because: "the server may reach the client's screen and keyboard" } : undefined),
  ],
  ["permittunnel", (value) => (value !== "no" ? { because: "a session may join two networks" } : undefined)],
];
