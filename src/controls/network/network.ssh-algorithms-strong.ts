/**
 * An algorithm that is broken protects what is sent from nobody who records it.
 *
 * Reads:  repository-file.configuration (an sshd_config's settings)
 * Passes: no algorithm is switched on that OpenSSH has given up.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { SshdKeyword } from "../../facts/configuration/sshd.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { type Judge, judgeSetting, settingTo, sshdOf } from "../knowledge/sshd.ts";

export const sshAlgorithmsStrong = defineControl({
  id: "network.ssh-algorithms-strong",
  on: "repository-file",
  software: ["sshd"],
  severity: "medium",
  title: "SSH uses no broken algorithms",
  claim: "SSH connections use no algorithm that is known to be weak.",
  threat: "Whoever is on the way, or records what is sent, reads or changes a session that was thought to be safe.",
  remedy:
    "Remove the line: OpenSSH's own lists are kept current. For one old device write the algorithm in the client's configuration for that host alone.",
  judged:
    "Fails where `Ciphers`, `MACs`, `KexAlgorithms`, `HostKeyAlgorithms` or `PubkeyAcceptedAlgorithms` name CBC modes, RC4, MD5, 96-bit or RIPEMD MACs, Diffie-Hellman with SHA-1, DSA or RSA with SHA-1, and for protocol 1. Lists that take some away (`-…`) pass, and so does what is not stated.",
  frameworks: { nistCsf: ["PR.DS-02"], zeroTrust: ["2"], coverage: ["A9"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Old programs and devices that know nothing but the weak algorithms cannot connect any more.",
    onlyNamed: true,
    edits(file, _system, judgement) {
      const keyword = rules.find(([name]) => name === judgement.detail)?.[0];
      const written = keyword === undefined ? undefined : sshdOf(file)?.settings[keyword].value;
      if (keyword === undefined || written?.kind !== "stated") return undefined;
      const left = withoutWeak(written.value, keyword);
      return left === undefined ? undefined : settingTo({ [keyword]: left }, judgement);
    },
  },

  check(file) {
    const config = sshdOf(file);
    if (config === undefined) return notApplicable("not the configuration of an SSH server");
    const all = rules.flatMap(([keyword, weak]): readonly Judgement[] => {
      // What nobody wrote is OpenSSH's own list, or another file's.
      if (config.settings[keyword].value.kind === "unstated") return [];
      const judged = judgeSetting(config, keyword, (value) => weakIn(value, weak));
      return judged === undefined ? [] : [judged];
    });
    return all.length === 0 ? notApplicable("it names no algorithms, and OpenSSH's own are strong") : all;
  },
});

const rules: readonly (readonly [keyword: SshdKeyword, weak: RegExp])[] = [
  ["protocol", /^1$/],
  ["ciphers", /-cbc(?:@.*)?$|^arcfour|^3des|^blowfish|^cast128/],
  ["macs", /^hmac-md5|-96(?:-etm@.*)?$|^hmac-ripemd160|^umac-64/],
  ["kexalgorithms", /^diffie-hellman-(?:group1|group14|group-exchange)-sha1$|^gss-.*sha1/],
  ["hostkeyalgorithms", /^ssh-dss|^ssh-rsa(?:$|-cert-v01)/],
  ["pubkeyacceptedalgorithms", /^ssh-dss|^ssh-rsa(?:$|-cert-v01)/],
];

function weakIn(value: string, weak: RegExp): ReturnType<Judge> {
  if (value.startsWith("-")) return undefined;
  const found = value
    .replace(/^[+^]/, "")
    .split(/[,\s]+/)
    .filter((name) => weak.test(name.slice(0, 200)));
  return found.length === 0 ? undefined : { because: `${listed(found)} ${found.length === 1 ? "is" : "are"} weak` };
}

/** The list without what is weak in it; undefined where nothing would be left, or blanks part it. */
function withoutWeak(value: string, keyword: SshdKeyword): string | undefined {
  const weak = rules.find(([name]) => name === keyword)?.[1];
  const [, sign = "", list = ""] = /^([+^]?)(\S+)$/.exec(value) ?? [];
  const left = list.split(",").filter((name) => weak?.test(name.toLowerCase().slice(0, 200)) !== true);
  return list === "" || left.length === 0 ? undefined : sign + left.join(",");
}
