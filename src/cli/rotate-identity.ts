import { runBytes } from "../lib/child-bytes.ts";
import { RingwallError } from "../lib/error.ts";
import { listed } from "../lib/listed.ts";
import { fluxSecretText } from "../operations/rotation/identity/flux-secret.ts";
import type { IdentityEngine } from "../operations/rotation/identity/identity-run.ts";
import type { IdentityPlan } from "../operations/rotation/identity/plan-identity.ts";
import {
  type IdentityOutcome,
  rotateIdentity,
  unfinishedIdentity,
} from "../operations/rotation/identity/rotate-identity.ts";
import { jsonText, terminal } from "../report/escape.ts";
import { counted } from "../report/layout.ts";
import { openDatabase } from "../state/database/open.ts";
import { recordsOf } from "../state/database/records.ts";
import { LedgerFile } from "../state/ledger/ledger-file.ts";
import { keyedDigests } from "../state/ledger/ledger-keys.ts";
import { StateFolder } from "../state/state-folder.ts";
import { identityFiles } from "../stores/open-store.ts";
import type { Context, ExitCode } from "./command.ts";
import { ask } from "./confirm.ts";
import { handingOver } from "./hand-over.ts";
import { principalOf } from "./principal.ts";
import { progressTeller } from "./progress.ts";
import { stackOf } from "./stack-option.ts";
import { storeAround } from "./stack-store.ts";
import { stoppableSurroundings } from "./surroundings.ts";

/** What `ringwall rotate identity` takes. */
export interface IdentityCommand {
  readonly stack?: string | undefined;
  readonly key?: string | undefined;
  readonly hold?: boolean | undefined;
  readonly fluxSecret?: boolean | undefined;
  readonly emergency?: boolean | undefined;
  readonly plan?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly format: "text" | "json";
}

/** Where the identity of a stack lies: where its store says, or in `.ringwall`. */
export function identityPathOf(
  stack: IdentityEngine["stack"],
  stackFolder: string,
  context: Context,
): { readonly identity?: string } {
  const { age, sops, kubernetes } = stack.store ?? {};
  const named = age?.identity ?? sops?.identity ?? kubernetes?.identity;
  const [identity] = identityFiles(named, storeAround(stackFolder, context));
  return identity === undefined ? {} : { identity };
}

/** `ringwall rotate identity`: the age identity that opens the stack's secrets, whatever holds them. */
export async function runRotateIdentity(options: IdentityCommand, context: Context): Promise<ExitCode> {
  const { loaded, stack } = await stackOf(options.stack, context, { changesHost: true });
  const stackFolder = loaded.file.folder;
  const state = new StateFolder(stackFolder);
  const where = identityPathOf(stack, stackFolder, context);
  if (options.fluxSecret === true) {
    context.stdout.write(await fluxSecretText({ state, stackFolder, ...where }, { isTerminal: context.stdout.isTTY }));
    return 0;
  }
  if (options.plan === true) {
    const unfinished = await unfinishedIdentity({ state });
    if (unfinished !== undefined) throw isUnfinished(unfinished.progress.fact("held") === true);
  }
  return handingOver(stackFolder, () =>
    withIdentityEngine({ stack, state, stackFolder, ...where }, context, async (engine) => {
      const outcome = await rotateIdentity(engine, {
        ...(options.key === undefined ? {} : { key: options.key }),
        ...(options.hold === undefined ? {} : { hold: options.hold }),
        emergency: options.emergency === true,
        overUncommitted: options.yes === true || options.plan === true,
        confirm: (plan) => confirm(plan, options, context),
      });
      return tellOutcome(outcome, options, context);
    }),
  );
}

/** For `--resume`: takes up a rotation of the identity that was interrupted; undefined when none was. */
export async function resumeIdentity(options: IdentityCommand, context: Context): Promise<ExitCode | undefined> {
  const { loaded } = await stackOf(options.stack, context);
  const unfinished = await unfinishedIdentity({ state: new StateFolder(loaded.file.folder) });
  if (unfinished === undefined || unfinished.progress.fact("held") === true) return undefined;
  return runRotateIdentity(options, context);
}

function isUnfinished(held: boolean): RingwallError {
  const why = held
    ? "Both identities open everything, and the former one is still to be ended."
    : "A rotation of the identity was interrupted.";
  return new RingwallError("conflict", why, { hint: "`ringwall rotate identity` goes on with it." });
}

/** Runs work with what the rotation of an identity needs; no container engine is asked. */
async function withIdentityEngine<T>(
  given: Pick<IdentityEngine, "stack" | "state" | "stackFolder" | "identity">,
  context: Context,
  work: (engine: IdentityEngine) => Promise<T>,
): Promise<T> {
  const { stack, state } = given;
  await state.prepare();
  const url = context.env.DATABASE_URL;
  const db = await openDatabase(url === undefined ? { folder: state.path } : { url });
  try {
    const ledger = await LedgerFile.open(state.path, { stack: stack.name, now: () => context.now() });
    try {
      const digests = await keyedDigests(ledger.folder);
      return await work({
        ...given,
        records: recordsOf(db),
        ledger,
        principal: principalOf(context),
        digest: (name, value) => digests.of(`secret ${name}`, value.expose()),
        git: { run: runBytes, path: context.env.PATH ?? "" },
        surroundings: stoppableSurroundings(context, progressTeller(context)),
      });
    } finally {
      await ledger.close();
    }
  } finally {
    await db.close();
  }
}

async function confirm(plan: IdentityPlan, options: IdentityCommand, context: Context): Promise<boolean> {
  if (options.format === "text") context.stderr.write(identityPlanText(plan));
  if (options.plan === true) return false;
  if (options.yes === true) return true;
  const answer = await ask(context, "Go on? [y/N] ");
  if (answer !== undefined) return /^y(es)?$/i.test(answer);
  throw new RingwallError("usage", "Files are rewritten, and nobody can be asked.", { hint: "Say --yes." });
}

function identityPlanText(plan: IdentityPlan): string {
  const { former, finishes, ageFiles, sopsFiles, rules, git, outside, named, flux, elsewhere } = plan;
  const verb = finishes ? "No longer for" : "Encrypted anew, and in the end no longer for";
  const lines = [
    `${verb} ${former}: ${counted(ageFiles, "age file")}, ${counted(sopsFiles.length, "SOPS file")}.`,
    ...[...sopsFiles, ...rules].map((path) => `  ${path}`),
    ...(git.state === "unknown" ? [`Whether all of it is committed cannot be told: ${git.why}.`] : []),
    ...(git.state === "known" && git.changed.length > 0 ? [`In no commit: ${listed(git.changed)}.`] : []),
    ...(outside.length === 0 ? [] : [`Outside the stack's folder, and left as they are: ${listed(outside)}.`]),
    ...(named.length === 0 ? [] : [`They name the public key too, for you to change: ${listed(named)}.`]),
    ...(elsewhere === undefined
      ? []
      : [`${elsewhere} may open other stacks too: those are not seen, and only the former identity opens them then.`]),
    ...flux.map((one) => `Flux decrypts with ${one.namespace}/${one.secret} (${one.kustomization}, ${one.file}).`),
  ];
  return `${lines.map(terminal).join("\n")}\n`;
}

function tellOutcome(outcome: IdentityOutcome, options: IdentityCommand, context: Context): ExitCode {
  if (options.format === "json") context.stdout.write(`${jsonText({ version: 1, ...outcome })}\n`);
  else context.stdout.write(`${outcomeLines(outcome).map(terminal).join("\n")}\n`);
  if (outcome.state === "undone") return 3;
  return outcome.state === "declined" && options.plan !== true ? 2 : 0;
}

function outcomeLines({ state, next, exposure, plan }: IdentityOutcome): readonly string[] {
  switch (state) {
    case "declined":
      return ["Nothing was changed."];
    case "undone":
      return ["The interrupted rotation was taken back; the identity is the one that it was."];
    case "overlap":
      return [
        `The identity is ${next ?? ""} now; the former one opens everything too, until you end it:`,
        "  1. Commit and push what was changed.",
        "  2. ringwall rotate identity --flux-secret | kubectl apply -f -",
        "  3. ringwall rotate identity, then steps 1 and 2 once more.",
      ];
    case "done":
      return [
        `The identity is ${next ?? ""} now; the former one opens no file any more.`,
        ...(plan !== undefined && plan.flux.length > 0
          ? ["Commit and push, and give Flux its Secret (--flux-secret)."]
          : []),
        ...exposureLines(exposure),
      ];
  }
}

/** What a new key cannot undo, said plainly. */
function exposureLines(exposure: IdentityOutcome["exposure"]): readonly string[] {
  if (exposure === undefined || exposure.secrets.length + exposure.files.length === 0) return [];
  const { secrets, files } = exposure;
  return [
    "Old copies, in Git's history and in backups, stay readable with the former identity. So these are to be replaced:",
    ...(secrets.length === 0 ? [] : [`  due now, by \`ringwall rotate --due\`: ${secrets.join(", ")}`]),
    ...files.map(({ path, names }) => `  in ${path}: ${names.length === 0 ? "all of it" : names.join(", ")}`),
  ];
}
