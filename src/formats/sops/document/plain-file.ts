import { inspect } from "node:util";
import { Secret } from "../../../secrets/secret.ts";
import type { SopsMetadata } from "./metadata.ts";
import { plainBytes } from "./scalar.ts";
import { nodeAt, type SopsBranch, type SopsScalar } from "./tree.ts";

/** Keys from the outermost in, and numbers for items of lists. */
export type SopsPath = readonly (string | number)[];

/** A decrypted file. It prints as its name; what it holds comes out of `expose…` alone. */
export class PlainFile {
  readonly #path: string;
  readonly #bytes: Uint8Array;
  readonly #values: ReadonlyMap<string, SopsScalar>;
  readonly #branches: readonly SopsBranch[];
  readonly metadata: SopsMetadata;

  constructor(
    path: string,
    bytes: Uint8Array,
    branches: readonly SopsBranch[],
    values: ReadonlyMap<string, SopsScalar>,
    metadata: SopsMetadata,
  ) {
    this.#path = path;
    this.#bytes = bytes;
    this.#branches = branches;
    this.#values = values;
    this.metadata = metadata;
  }

  /** The whole plain document. Every call of this is a delivery. */
  exposeText(): string {
    return Buffer.from(this.#bytes).toString("utf8");
  }

  exposeBytes(): Uint8Array {
    return this.#bytes;
  }

  /** The single value at a path of the first document, numbers and booleans as texts; undefined where there is none. */
  value(path: SopsPath): Secret | undefined {
    const node = nodeAt(this.#branches[0], path);
    if (node?.kind !== "leaf") return undefined;
    const scalar = this.#values.get(spanOf(node)) ?? node.value;
    if (scalar === undefined || scalar.type === "bytes") return undefined;
    return new Secret(path.join("."), scalar.type === "bool" ? String(scalar.value) : scalar.text);
  }

  /** Every value of the file, so that outputs can be searched for them. */
  secrets(): readonly Secret[] {
    return [...this.#values.values()].map(
      (value, at) => new Secret(`${this.#path}#${at}`, Buffer.from(plainBytes(value)).toString("utf8")),
    );
  }

  toString(): string {
    return `‹plain ${this.#path}›`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** What tells a node of a document from all others. */
export function spanOf({ start, end }: { readonly start: number; readonly end: number }): string {
  return `${start} ${end}`;
}
