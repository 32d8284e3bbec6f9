import type { Fact } from "./fact.ts";

/** What a certificate or a public key says of itself where it lies in a file. */
export interface CertificateInFile {
  /** `ssh`: a public key without dates, as in `authorized_keys`. */
  readonly format: "x509" | "ssh";
  /** `RSA` with the bits of its modulus, `EC` with those of its curve, `Ed25519`, `DSA`, … */
  readonly key: Fact<{ readonly algorithm: string; readonly bits: number | undefined }>;
  /** The hash that its issuer signed: `sha256`, `sha1`, `md5`; `none` where the scheme names none (Ed25519). */
  readonly signatureHash: Fact<string>;
  /** ISO 8601, UTC. */
  readonly notBefore: Fact<string>;
  /** Whether it may issue others. */
  readonly authority: Fact<boolean>;
  /** Whether it was issued by its own key. */
  readonly selfSigned: Fact<boolean>;
  /** The moment by which its dates are judged: when the file was read. ISO 8601, UTC. */
  readonly asOf: Fact<string>;
}
