import type { CommandModule } from "./command.ts";

export interface RegisteredCommand {
  readonly name: string;
  /** One line of `ringwall --help`. */
  readonly summary: string;
  /** Left out of `ringwall --help`. */
  readonly hidden?: boolean;
  /** Loads the command's file, and with it only what that command needs. */
  load(): Promise<CommandModule>;
}

/** Every command, in the order of `ringwall --help`. */
export const commands: readonly RegisteredCommand[] = [];
