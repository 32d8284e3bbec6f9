import { RingwallError } from "../../../lib/error.ts";
import { listed } from "../../../lib/listed.ts";
import type { Place } from "../../../lib/place.ts";
import type { Random } from "./cipher.ts";
import { type AgeIdentities, sealFor } from "./identities.ts";
import { type KeyGroup, kindsOf, type SopsMetadata } from "./metadata.ts";
import { combineShares, splitSecret } from "./shamir.ts";

const keyLength = 32;

/**
 * The data key of a file. Throws a `RingwallError` that says whom the file is for.
 *
 * Source: getsops/sops v3.13.3, `sops.go` (`GetDataKeyWithKeyServices`).
 */
export async function openDataKey(
  metadata: Pick<SopsMetadata, "groups" | "threshold">,
  identities: AgeIdentities,
  place: Place,
): Promise<Uint8Array> {
  const { groups } = metadata;
  const parts: Uint8Array[] = [];
  for (const group of groups) {
    const part = await openGroup(group, identities);
    if (part !== undefined) parts.push(part);
  }
  const [only] = parts;
  if (groups.length === 1 && only !== undefined) return checked(only, place);
  const wanted = groups.length === 1 ? 1 : metadata.threshold || groups.length;
  if (groups.length === 1 || parts.length < Math.max(wanted, 2)) {
    throw cannotOpen(groups, identities, parts.length, wanted, place);
  }
  const key = combineShares(parts);
  if (key === undefined)
    throw new RingwallError("unreadable", "The shares of the data key do not fit together.", { place });
  return checked(key, place);
}

function checked(key: Uint8Array, place: Place): Uint8Array {
  if (key.length === keyLength) return key;
  throw new RingwallError("unreadable", "The data key of this file is damaged.", { place });
}

async function openGroup(group: KeyGroup, identities: AgeIdentities): Promise<Uint8Array | undefined> {
  // First those whose identity is there: trying all of them costs a computation each.
  const known = new Set(identities.recipients);
  const keys = [...group.age].sort(
    (one, other) => Number(known.has(other.recipient)) - Number(known.has(one.recipient)),
  );
  for (const { enc, recipient } of keys) {
    const opened = await identities.open(enc, recipient);
    if (opened !== undefined) return opened;
  }
  return undefined;
}

function cannotOpen(
  groups: readonly KeyGroup[],
  identities: AgeIdentities,
  opened: number,
  wanted: number,
  place: Place,
): RingwallError {
  const recipients = [...new Set(groups.flatMap(({ age }) => age.map(({ recipient }) => recipient)))];
  const others = [...new Set(groups.flatMap(kindsOf))];
  if (recipients.length === 0) {
    return new RingwallError(
      "unsupported",
      `This file can be opened with keys of ${listed(others)} only; Ringwall opens files with age.`,
      {
        hint: "Add a recipient of age to its rule in .sops.yaml, and run `sops updatekeys` where such a key is.",
        place,
      },
    );
  }
  const ssh = recipients.every((recipient) => recipient.startsWith("ssh-"));
  if (ssh) {
    return new RingwallError(
      "unsupported",
      "This file is encrypted for SSH keys only, with which Ringwall cannot open it.",
      {
        hint: "Add a recipient that begins with age1 to its rule in .sops.yaml, and run `sops updatekeys`.",
        place,
      },
    );
  }
  const groupsTold =
    groups.length > 1 ? ` ${wanted} of its ${groups.length} key groups are wanted, and ${opened} can be opened.` : "";
  if (identities.count === 0) {
    return new RingwallError(
      "secret-missing",
      `No identity was given, and this file is encrypted for ${listed(recipients)}.${groupsTold}`,
      {
        hint: "Name the file with the identity of one of them.",
        place,
      },
    );
  }
  const given =
    identities.count === 1
      ? "The identity that was given does not open"
      : "None of the identities that were given opens";
  return new RingwallError(
    "secret-missing",
    `${given} this file; it is encrypted for ${listed(recipients)}.${groupsTold}`,
    {
      hint: "Name the identity of one of them, or have somebody who can open it add you and run `sops updatekeys`.",
      place,
    },
  );
}

/** Groups with a data key sealed for each recipient; shares of it where there are several groups. */
export async function sealDataKey(
  key: Uint8Array,
  groups: readonly (readonly string[])[],
  threshold: number,
  random: Random,
): Promise<readonly KeyGroup[]> {
  if (groups.length === 0 || groups.some((group) => group.length === 0)) {
    throw new RingwallError("invalid", "A key group has no recipient.", {
      hint: "Name recipients of age in the rule.",
    });
  }
  const wanted = threshold || groups.length;
  if (groups.length > 1 && (wanted < 2 || wanted > groups.length)) {
    throw new RingwallError("invalid", `shamir_threshold is ${wanted}, and there are ${groups.length} key groups.`, {
      hint: `Choose a number from 2 to ${groups.length}.`,
    });
  }
  const parts = groups.length === 1 ? [key] : splitSecret(key, groups.length, wanted, random);
  return await Promise.all(
    groups.map(async (recipients, at) => ({
      age: await Promise.all(
        recipients.map(async (recipient) => ({ recipient, enc: await sealFor(recipient, parts[at] ?? key) })),
      ),
      others: {},
    })),
  );
}
