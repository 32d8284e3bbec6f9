import type { Place } from "../../lib/place.ts";
import type { Token } from "./tokens.ts";

/** One line of a block: a name, its arguments, and the block that it opens. */
export interface Line {
  readonly name: Token;
  readonly args: readonly Token[];
  /** Undefined where no block is opened. */
  readonly block: readonly Line[] | undefined;
  /**
   * Why further lines may stand here that are not seen: an import that is not in this folder. Such a line is nothing
   * else.
   */
  readonly unseen?: string;
  readonly place: Place;
}

/** A block with addresses before it: a site; a named route (`&(name)`) has one address. */
export interface SiteBlock {
  readonly addresses: readonly Token[];
  readonly lines: readonly Line[];
  readonly place: Place;
}

export interface CaddyfileTree {
  /** The global options; undefined when there are none. */
  readonly options: readonly Line[] | undefined;
  readonly sites: readonly SiteBlock[];
  readonly namedRoutes: ReadonlyMap<string, readonly Line[]>;
  /** Why there may be more sites: a file that is not in this folder is imported. */
  readonly incomplete?: string;
}
