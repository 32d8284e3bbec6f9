/**
 * Secret keys of OpenPGP in ASCII armor, and whether a passphrase protects them.
 *
 * Source: RFC 9580, sections 4.2 (packets), 5.5.2 and 5.5.3 (public and secret keys), 6.2 (armor).
 */

const beginning = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
/** As much of one key as is read: one with a picture and many subkeys has less. */
const longestKey = 200_000;

/**
 * `plain` where nothing protects one of the keys in a text, whatever protects the others: an export of subkeys has a stub in
 * place of the primary key. Undefined for a text without such a key, for an example with dots in its place, and for one that
 * breaks off.
 */
export function pgpKeyIn(text: string): "plain" | "protected" | undefined {
  let found: "protected" | undefined;
  for (const rest of text.split(beginning).slice(1)) {
    for (const usage of protectionsOf(Buffer.from(bodyOf(rest.slice(0, longestKey)), "base64"))) {
      if (usage === 0) return "plain";
      found = "protected";
    }
  }
  return found;
}

const secretKey = 5;
const secretSubkey = 7;

/** Of each secret key among the packets the octet that is zero where nothing protects it; ends with what is no packet. */
function* protectionsOf(bytes: Buffer): Generator<number> {
  for (let at = 0; at < bytes.length; ) {
    const packet = whole(() => packetAt(bytes, at));
    if (packet === undefined) return;
    const { tag, body, end } = packet;
    const key = bytes.subarray(body, end);
    const usage = tag === secretKey || tag === secretSubkey ? whole(() => key.readUInt8(protectionAt(key))) : undefined;
    if (usage !== undefined) yield usage;
    at = end;
  }
}

/** What is read, undefined where the bytes end before or are of no kind that is known. */
function whole<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The base64 of an armor, behind its headers; in JSON its lines may be joined by `\n`. */
function bodyOf(rest: string): string {
  let body = "";
  for (const line of rest.split(/\n|\\n/)) {
    const own = line.replace(/\\r|[\s"',|]/g, "");
    if (own.startsWith("-----") || own.startsWith("=")) break;
    if (own === "" || own.includes(":")) continue;
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(own)) break;
    body += own;
  }
  return body;
}

/** Where the octet stands that is zero where nothing protects the key. Throws a RangeError where the text ends before. */
function protectionAt(key: Buffer): number {
  const version = key.readUInt8(0);
  const algorithm = key.readUInt8(5);
  if (version === 4) return publicPartEnd(key, 6, algorithm);
  if (version === 5 || version === 6) return 10 + key.readUInt32BE(6);
  throw new RangeError("not a version of a key that is known");
}

/** Throws a RangeError for what is no packet. One whose length is not told goes on to the end. */
function packetAt(bytes: Buffer, at: number) {
  const first = bytes.readUInt8(at);
  if (first < 0x80) throw new RangeError("not a packet");
  const { length, body } = first < 0xc0 ? oldLengthAt(bytes, at + 1, first & 3) : lengthAt(bytes, at + 1);
  return { tag: first < 0xc0 ? (first >> 2) & 15 : first & 63, body, end: body + length };
}

function oldLengthAt(bytes: Buffer, at: number, kind: number) {
  if (kind === 0) return { length: bytes.readUInt8(at), body: at + 1 };
  if (kind === 1) return { length: bytes.readUInt16BE(at), body: at + 2 };
  if (kind === 2) return { length: bytes.readUInt32BE(at), body: at + 4 };
  return { length: bytes.length, body: at };
}

/** Lengths of parts (224 to 254) are for data alone, never for keys. */
function lengthAt(bytes: Buffer, at: number) {
  const first = bytes.readUInt8(at);
  if (first < 192) return { length: first, body: at + 1 };
  if (first < 224) return { length: ((first - 192) << 8) + bytes.readUInt8(at + 1) + 192, body: at + 2 };
  if (first < 255) return { length: bytes.length, body: at + 1 };
  return { length: bytes.readUInt32BE(at + 1), body: at + 5 };
}

/** How many numbers of any length a public key has; elliptic curves begin with the name of the curve. */
const numbers: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 2, 16: 3, 17: 4, 18: 1, 19: 1, 22: 1 };
const onCurves = new Set([18, 19, 22]);
const ecdh = 18;
/** The keys of RFC 9580 have a fixed length: X25519, X448, Ed25519, Ed448. */
const fixed: Readonly<Record<number, number>> = { 25: 32, 26: 56, 27: 32, 28: 57 };

function publicPartEnd(bytes: Buffer, start: number, algorithm: number): number {
  const length = fixed[algorithm];
  if (length !== undefined) return start + length;
  const count = numbers[algorithm];
  if (count === undefined) throw new RangeError("not an algorithm that is known");
  let at = onCurves.has(algorithm) ? start + 1 + bytes.readUInt8(start) : start;
  for (let index = 0; index < count; index += 1) at += 2 + Math.ceil(bytes.readUInt16BE(at) / 8);
  return algorithm === ecdh ? at + 1 + bytes.readUInt8(at) : at;
}
