/** A public key of SSH as a line of `authorized_keys` or of a `.pub` file has it. */
export interface SshPublicKey {
  readonly algorithm: string;
  readonly bits: number | undefined;
  /** What its owner wrote behind it, usually `user@host`; empty where nothing is. */
  readonly comment: string;
  readonly offset: number;
}

const kinds: Readonly<Record<string, string>> = {
  "ssh-rsa": "RSA",
  "ssh-dss": "DSA",
  "ssh-ed25519": "Ed25519",
  "ecdsa-sha2-nistp256": "EC",
  "ecdsa-sha2-nistp384": "EC",
  "ecdsa-sha2-nistp521": "EC",
  "sk-ssh-ed25519@openssh.com": "Ed25519",
  "sk-ecdsa-sha2-nistp256@openssh.com": "EC",
};

/** A key's type, its body, its comment. Options of `authorized_keys` may stand before (sshd(8)). */
const line =
  /(?<![\w@.-])(ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp(?:256|384|521)|sk-[\w-]{4,30}@openssh\.com)[ \t]+(AAAA[A-Za-z0-9+/]{20,3000}={0,2})(?:[ \t]+([^\r\n]{0,200}))?/g;

export function sshKeysIn(text: string): readonly SshPublicKey[] {
  const found: SshPublicKey[] = [];
  for (const match of text.matchAll(line)) {
    const [, type = "", body = "", comment = ""] = match;
    const algorithm = kinds[type];
    if (algorithm === undefined) continue;
    found.push({
      algorithm,
      bits: bitsOf(type, Buffer.from(body, "base64")),
      comment: comment.trim(),
      offset: match.index,
    });
  }
  return found;
}

/** RFC 4253, section 6.6: RSA is its name, the exponent, the modulus; DSA its name and the prime. */
function bitsOf(type: string, bytes: Buffer): number | undefined {
  if (type === "ssh-rsa") return bitLength(field(bytes, 2));
  if (type === "ssh-dss") return bitLength(field(bytes, 1));
  const curve = /nistp(\d+)/.exec(type)?.[1];
  return curve === undefined ? 256 : Number(curve);
}

/** One of the fields that stand behind one another, each with its length before it. */
function field(bytes: Buffer, index: number): Buffer | undefined {
  let at = 0;
  for (let count = 0; at + 4 <= bytes.length; count++) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    if (count === index) return bytes.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

/** The bits of a number in its shortest form, which may begin with a zero byte for its sign. */
function bitLength(bytes: Buffer | undefined): number | undefined {
  if (bytes === undefined) return undefined;
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first === -1) return undefined;
  return (bytes.length - first - 1) * 8 + (32 - Math.clz32(bytes[first] ?? 0));
}
