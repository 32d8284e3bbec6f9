import { type KeyObject, X509Certificate } from "node:crypto";
import type { CertificateInFile } from "../facts/certificate-in-file.ts";
import { type Fact, stated, unknown, unstated } from "../facts/fact.ts";
import type { Certificate, Lens, PlatformName } from "../facts/subjects.ts";
import { type Place, placeAt, Source, wholeFile } from "../lib/place.ts";
import { signatureHashOf } from "./signature-hash.ts";
import { sshKeysIn } from "./ssh-public-keys.ts";

export interface CertificateOptions {
  readonly system: string;
  readonly lens: Lens;
  readonly platform: PlatformName;
  /** The file as places name it. */
  readonly path: string;
  /** Now, by which the dates are judged; undefined where nobody says. */
  readonly now: Date | undefined;
}

/** More of one file are a bundle of the world's authorities, which is the system's matter. */
const mostOfOneFile = 20;
const largestPem = 16_384;

/** The certificates in a text (PEM, at any indentation), and the public SSH keys of files that are made of them. */
export function certificatesIn(text: string, source: Source, options: CertificateOptions): readonly Certificate[] {
  const found: Certificate[] = [];
  for (const { bytes, offset } of pemBlocks(text)) {
    const one = fromDer(bytes, placeAt(source, offset), options);
    if (one !== undefined) found.push(one);
  }
  if (found.length > mostOfOneFile) return [];
  if (/(?:^|\/)authorized_keys2?$|\.pub$/.test(options.path)) found.push(...fromSsh(text, source, options));
  return distinct(found);
}

/** A certificate in its binary form; empty for other bytes. */
export function certificateInBytes(bytes: Buffer, options: CertificateOptions): readonly Certificate[] {
  const one = fromDer(bytes, wholeFile(new Source(options.path, "")), options);
  return one === undefined ? [] : [one];
}

const begin = "-----BEGIN CERTIFICATE-----";
const end = "-----END CERTIFICATE-----";

function* pemBlocks(text: string): Generator<{ readonly bytes: Buffer; readonly offset: number }> {
  for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, at + begin.length)) {
    const block = text.slice(at + begin.length, at + largestPem);
    const close = block.indexOf(end);
    if (close === -1) continue;
    // In JSON the line's ends are written out.
    const body = block.slice(0, close).replace(/\\[nr]|[\s"',|]+/g, "");
    if (/^[A-Za-z0-9+/]+=*$/.test(body)) yield { bytes: Buffer.from(body, "base64"), offset: at };
  }
}

function fromDer(bytes: Buffer, place: Place, options: CertificateOptions): Certificate | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(bytes);
  } catch {
    return undefined;
  }
  const names = namesOf(certificate);
  const named: Naming = { shown: shownName(certificate, names), knownAs: names[0] ?? "certificate" };
  return subject(named, names, place, options, isoDate(certificate.validTo, place), {
    format: "x509",
    key: keyOf(certificate, place),
    signatureHash: signatureHashOf(bytes, place),
    notBefore: isoDate(certificate.validFrom, place),
    authority: stated(certificate.ca, place),
    selfSigned: stated(isSelfSigned(certificate), place),
    asOf: momentOf(options, place),
  });
}

function fromSsh(text: string, source: Source, options: CertificateOptions): readonly Certificate[] {
  return sshKeysIn(text).map(({ algorithm, bits, comment, offset }) => {
    const place = placeAt(source, offset);
    const { line } = source.locate(offset);
    const name = comment === "" ? `SSH key ${line}` : comment;
    const shown = comment === "" ? `SSH key in line ${line}` : `SSH key ${comment}`;
    return subject({ shown, knownAs: name }, [name], place, options, unstated(place), {
      format: "ssh",
      key: stated({ algorithm, bits }, place),
      signatureHash: stated("none", place),
      notBefore: unstated(place),
      authority: stated(false, place),
      selfSigned: stated(false, place),
      asOf: momentOf(options, place),
    });
  });
}

/** How one of a file's certificates is told from the others: to people, and in fingerprints. */
interface Naming {
  readonly shown: string;
  readonly knownAs: string;
}

function subject(
  { shown, knownAs }: Naming,
  names: readonly string[],
  place: Place,
  { system, lens, platform, path }: CertificateOptions,
  notAfter: Fact<string>,
  inFile: CertificateInFile,
): Certificate {
  return {
    kind: "certificate",
    ref: { kind: "certificate", system, name: `${path} (${shown})`, knownAs: `${path} ${knownAs}` },
    lens,
    platform,
    place,
    names,
    notAfter,
    keyStrength: keyStrength(inFile.key),
    inFile,
  };
}

/** The second of a name gets `#2`, under both of its names. */
function distinct(found: readonly Certificate[]): readonly Certificate[] {
  const shown = numbering();
  const known = numbering();
  return found.map((one) => {
    const { ref } = one;
    return { ...one, ref: { ...ref, name: shown(ref.name), knownAs: known(ref.knownAs ?? ref.name) } };
  });
}

function numbering(): (name: string) => string {
  const counts = new Map<string, number>();
  return (name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  };
}

function keyStrength(key: CertificateInFile["key"]): Fact<string> {
  if (key.kind !== "stated") return key.kind === "unknown" ? key : unstated(key.place);
  const { algorithm, bits } = key.value;
  return stated(bits === undefined ? algorithm : `${algorithm} ${bits}`, key.place);
}

/** The names that it is for, the common name where it has no others. */
function namesOf(certificate: X509Certificate): readonly string[] {
  const alternatives = [...(certificate.subjectAltName ?? "").matchAll(/(?:DNS|IP Address|URI):([^,\s"]{1,255})/g)];
  if (alternatives.length > 0) return alternatives.map((match) => match[1] ?? "");
  const name = inSubject(certificate, "CN") ?? inSubject(certificate, "O");
  return name === undefined ? [] : [name];
}

/** The common name, as people know a certificate, or the first that says anything. */
function shownName(certificate: X509Certificate, names: readonly string[]): string {
  const common = inSubject(certificate, "CN");
  return common === undefined ? (names[0] ?? "without a name") : `CN ${common}`;
}

function inSubject({ subject }: X509Certificate, part: "CN" | "O"): string | undefined {
  const line = (subject ?? "").split("\n").find((each) => each.startsWith(`${part}=`));
  const value = line?.slice(part.length + 1) ?? "";
  return value === "" || value.length > 255 ? undefined : value;
}

const curveBits: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp256k1: 256,
  secp384r1: 384,
  secp521r1: 521,
  prime192v1: 192,
  secp224r1: 224,
};

function keyOf(certificate: X509Certificate, place: Place): CertificateInFile["key"] {
  let key: KeyObject;
  try {
    key = certificate.publicKey;
  } catch {
    return unknown("its public key is of a kind that is not known", place);
  }
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "rsa":
    case "rsa-pss":
      return stated({ algorithm: "RSA", bits: modulusLength }, place);
    case "dsa":
      return stated({ algorithm: "DSA", bits: modulusLength }, place);
    case "ec":
      return stated({ algorithm: "EC", bits: curveBits[namedCurve ?? ""] }, place);
    case "ed25519":
      return stated({ algorithm: "Ed25519", bits: 256 }, place);
    case "ed448":
      return stated({ algorithm: "Ed448", bits: 456 }, place);
    default:
      return unknown("its public key is of a kind that is not known", place);
  }
}

function isSelfSigned(certificate: X509Certificate): boolean {
  if (certificate.subject !== certificate.issuer) return false;
  try {
    return certificate.verify(certificate.publicKey);
  } catch {
    return false;
  }
}

function isoDate(text: string, place: Place): Fact<string> {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? unknown("its date cannot be read", place) : stated(at.toISOString(), place);
}

function momentOf({ now }: CertificateOptions, place: Place): Fact<string> {
  return now === undefined ? unknown("nobody says what day it is", place) : stated(now.toISOString(), place);
}
