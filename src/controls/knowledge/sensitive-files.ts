import type { Judgement } from "../../contracts/verdict.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { cannotTell, notApplicable, pass } from "../judge.ts";

/** Whether a file holds secrets; a judgement where that ends the matter. */
export function holdsSecrets(file: RepositoryFile): true | Judgement {
  switch (file.role) {
    case "private-key":
    case "secret":
    case "state":
      return true;
    case "environment":
      if (file.secretNames.items.length > 0) return true;
      return file.secretNames.complete
        ? pass("no value in it looks like a secret", file.secretNames.place)
        : cannotTell("whether it holds secrets", file.secretNames.why, { place: file.secretNames.place });
    default:
      return notApplicable("it is no file for secrets");
  }
}

/** A private key whose text is there and holds none in the clear: a passphrase stands between. */
export function isProtectedKey({ role, secretNames }: RepositoryFile): boolean {
  return role === "private-key" && secretNames.complete && secretNames.items.length === 0;
}

/** What a file is, in words: `a private key`. */
export function describeRole(file: RepositoryFile): string {
  switch (file.role) {
    case "private-key":
      return isProtectedKey(file)
        ? "it is a private key, with nothing but a passphrase to protect it"
        : "it is a private key";
    case "state":
      return "its state holds secrets";
    case "environment": {
      const names = file.secretNames.items;
      const shown = names.slice(0, 3).join(", ");
      return names.length > 3 ? `it holds ${shown} and ${names.length - 3} more` : `it holds ${shown}`;
    }
    default:
      return "it is a secret";
  }
}
