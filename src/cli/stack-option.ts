import { components } from "../components/registry.ts";
import { type OpenedStack, openStack } from "../resolve/open.ts";
import type { Context } from "./command.ts";

export interface StackOptions {
  /** A file of local images in place of upstream ones. */
  readonly images?: string | undefined;
  /** Set by commands that change the machine: then root trusts only its own files and those of who called `sudo`. */
  readonly changesHost?: boolean;
}

/** The stack that a person means, with every component of this Ringwall. */
export function stackOf(named: string | undefined, context: Context, options: StackOptions = {}): Promise<OpenedStack> {
  const uid = process.getuid?.();
  const caller = Number(context.env.SUDO_UID);
  const trusted = Number.isInteger(caller) ? [caller] : [];
  return openStack(named, {
    components,
    cwd: context.cwd,
    runner: { uid, ...(options.changesHost === true ? { trustedOwners: trusted } : {}) },
    ...(options.images === undefined ? {} : { images: options.images }),
  });
}
