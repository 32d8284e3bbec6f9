/**
 * A certificate that signs itself, for a TLS listener inside one's own four walls: clients that are given it can check
 * that they speak with the right server. It is no authority and vouches for nothing else.
 *
 * X.509 v3 (RFC 5280) with an ECDSA P-256 key, in DER by hand: the few structures below are all that it takes. What is
 * made is read back by `node:crypto` before it is given out.
 */
import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { isIP, isIPv6 } from "node:net";
import { RingwallError } from "../lib/error.ts";

/** 825 days: the longest that current clients accept of a certificate that no public authority made. */
const validDays = 825;
const day = 86_400_000;

const oid = {
  commonName: "550403",
  ecPublicKey: "2a8648ce3d0201",
  ecdsaWithSha256: "2a8648ce3d040302",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  keyUsage: "551d0f",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
} as const;

/** Certificate and private key as one PEM text. Throws a `RingwallError` when a name cannot stand in a certificate. */
export function selfSignedCertificate(
  names: readonly string[],
  random: (count: number) => Uint8Array,
  now: Date,
): string {
  const first = names[0];
  if (first === undefined) throw new RingwallError("invalid", "A certificate needs at least one name.");
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const serial = Buffer.from(random(16));
  // Positive and of full length: the first bit is the sign, and a leading zero byte would not be DER.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    explicit(0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    algorithm(),
    commonName(first),
    sequence(time(new Date(now.getTime() - day)), time(new Date(now.getTime() + validDays * day))),
    commonName(first),
    publicKey,
    explicit(3, sequence(...extensions(names))),
  );
  const signature = sign("sha256", body, { key: createPrivateKey(privateKey), dsaEncoding: "der" });
  const certificate = sequence(body, algorithm(), bitString(signature));
  const pem = `-----BEGIN CERTIFICATE-----\n${wrapped(certificate.toString("base64"))}-----END CERTIFICATE-----\n`;
  verify(pem, privateKey, first);
  return pem + privateKey;
}

/** Nothing leaves here that another implementation cannot read, verify and match with its key. */
function verify(pem: string, privateKey: string, name: string): void {
  const read = new X509Certificate(pem);
  const matches = isIP(name) === 0 ? read.checkHost(name.replace(/^\*\./, "any.")) : read.checkIP(name);
  if (!read.verify(read.publicKey) || !read.checkPrivateKey(createPrivateKey(privateKey)) || matches === undefined) {
    throw new RingwallError("invalid", `No certificate can be made for "${name}".`, {
      hint: "Expected host names such as mqtt.example.org, or IP addresses.",
    });
  }
}

function extensions(names: readonly string[]): Buffer[] {
  return [
    extension(oid.basicConstraints, true, sequence()),
    // digitalSignature alone: it is a server's key and signs no other certificate.
    extension(oid.keyUsage, true, tagged(0x03, Buffer.from([7, 0x80]))),
    extension(oid.extendedKeyUsage, false, sequence(objectId(oid.serverAuth))),
    extension(oid.subjectAltName, false, sequence(...names.map(generalName))),
  ];
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [tagged(0x01, Buffer.from([0xff]))] : [];
  return sequence(objectId(id), ...flag, tagged(0x04, value));
}

function generalName(name: string): Buffer {
  if (isIP(name) !== 0) return tagged(0x87, addressBytes(name));
  if (!/^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name) || name.length > 253) {
    throw new RingwallError("invalid", "A certificate's name must be a host name in lower case or an IP address.");
  }
  return tagged(0x82, Buffer.from(name, "ascii"));
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const words = (text: string | undefined): number[] =>
    text ? text.split(":").map((word) => Number.parseInt(word, 16)) : [];
  const [before, after] = [words(head), words(tail)];
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

function commonName(name: string): Buffer {
  // The field holds 64 characters at most; clients read the alternative names.
  return sequence(
    tagged(0x31, sequence(objectId(oid.commonName), tagged(0x0c, Buffer.from(name.slice(0, 64), "utf8")))),
  );
}

function algorithm(): Buffer {
  return sequence(objectId(oid.ecdsaWithSha256));
}

/** UTCTime to the end of 2049, as RFC 5280 has it; then GeneralizedTime. */
function time(date: Date): Buffer {
  const text = `${date.toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function explicit(number: number, content: Buffer): Buffer {
  return tagged(0xa0 + number, content);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function wrapped(text: string): string {
  return text.replaceAll(/.{1,64}/g, "$&\n");
}
