/**
 * A short key, or a signature over a broken hash, lets others speak in its name.
 *
 * Reads:  certificate.inFile.key, certificate.inFile.signatureHash, certificate.inFile.selfSigned
 * Passes: the key is long enough, and the signature is made over a hash that holds.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { CertificateInFile } from "../../facts/certificate-in-file.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, demand, forbid, notApplicable, pass } from "../judge.ts";

/** Security of 112 bits, which NIST SP 800-57 part 1 (revision 5, table 2) asks for until 2030. */
const shortestRsa = 2048;
const shortestCurve = 224;
/** NIST SP 800-131A (revision 2): not for signatures. */
const brokenHashes = new Set(["md2", "md5", "sha1"]);

export const keyStrong = defineControl({
  id: "edge.key-strong",
  on: "certificate",
  severity: "medium",
  title: "Certificates and SSH keys are strong",
  claim: "No certificate and no SSH key in these files has a weak key or a weak signature.",
  threat: "Whoever breaks the key, or makes a second certificate under the same signature, is taken for its owner.",
  remedy:
    "Issue it anew with an EC key (P-256) or Ed25519, signed over SHA-256; for SSH `ssh-keygen -t ed25519`, and take the old key out of `authorized_keys`.",
  judged:
    "Fails for DSA keys, RSA keys under 2048 bits and curves under 224, high under 1024 bits; and for signatures over MD5 or SHA-1, but not on an authority that signed itself: nobody trusts it for its signature. Unknown when the key is of a kind that is not known.",
  frameworks: { nistCsf: ["PR.DS-02", "PR.AA-03"], coverage: ["T1", "T6", "A9"] },
  exposureMatters: false,

  check({ inFile, names }) {
    if (inFile === undefined) return notApplicable("it lies in no file");
    const name = `${inFile.format === "ssh" ? "the SSH key" : "the certificate"} ${names[0] ?? "without a name"}`;
    return all(judgeKey(inFile, name), judgeSignature(inFile, name));
  },
});

function judgeKey({ key }: CertificateInFile, name: string): Judgement {
  const judgement = demand(key, isStrong, {
    what: `the key of ${name}`,
    show: ({ algorithm, bits }) => (bits === undefined ? algorithm : `${algorithm} with ${bits} bits`),
    detail: "key",
  });
  const bits = key.kind === "stated" && key.value.algorithm === "RSA" ? key.value.bits : undefined;
  return judgement.verdict === "fail" && bits !== undefined && bits < 1024
    ? { ...judgement, severity: "high" }
    : judgement;
}

function isStrong({ algorithm, bits }: { readonly algorithm: string; readonly bits: number | undefined }): boolean {
  if (algorithm === "RSA") return bits !== undefined && bits >= shortestRsa;
  if (algorithm === "EC") return bits !== undefined && bits >= shortestCurve;
  return algorithm === "Ed25519" || algorithm === "Ed448";
}

function judgeSignature({ signatureHash, selfSigned }: CertificateInFile, name: string): Judgement {
  if (selfSigned.kind === "stated" && selfSigned.value)
    return pass(`${name} is signed by its own key`, selfSigned.place);
  if (selfSigned.kind === "unknown") {
    return cannotTell(`who signed ${name}`, selfSigned.why, { place: selfSigned.place, detail: "signature" });
  }
  return forbid(signatureHash, (hash) => brokenHashes.has(hash), {
    what: `the signature of ${name}`,
    show: (hash) => (hash === "none" ? "one that brings its own hash" : `made over ${hash.toUpperCase()}`),
    detail: "signature",
  });
}
