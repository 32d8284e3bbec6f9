import type { ControlDescription } from "../contracts/control.ts";

/** What the evaluator itself reports: no subject is judged, so these have no `check`. */
export const inputControl: ControlDescription = {
  id: "input",
  ring: "governance",
  severity: "high",
  title: "Everything that was named could be read",
  claim: "Every file that was to be checked was read whole.",
  threat: "What cannot be read is not checked: a fault in it goes unseen.",
  remedy: "Mend the file at the place named, or leave it out of what is checked.",
  judged:
    "A file that cannot be read, or a part of one, is unknown at high; a template that another program fills in first, and a doubt about a file's meaning, are unknown at low.",
  frameworks: {},
};

export const exceptionControl: ControlDescription = {
  id: "governance.exception-valid",
  ring: "governance",
  severity: "medium",
  title: "Exceptions have a reason and have not ended",
  claim: "Every accepted risk names an existing control and a reason, and has not ended.",
  threat: "An exception that outlives its reason hides a fault that nobody accepts any more.",
  remedy:
    "Mend the fault and remove the exception, or write it anew: `# ringwall-ignore ID: reason, until YYYY-MM-DD`, or in `ringwall.exceptions.yaml` with `control`, `subject`, `reason`, `owner`, `until`.",
  judged:
    "An exception fails when its last day has passed or is no date, when it gives no reason, or when it names no control that exists. A comment, or an entry of the checked folder's `ringwall.exceptions.yaml`, that waives nothing is told at low, for it stands in the wrong place, names what is not there, or has outlived the fault. The profile strict also asks for an end. One that fails waives nothing.",
  frameworks: { nistCsf: ["GV.RM-04"], coverage: ["G2"] },
};

export const unresolvedControl: ControlDescription = {
  id: "governance.service-resolved",
  ring: "governance",
  severity: "high",
  title: "Every service can be told whole",
  claim: "What decides about each service could be read.",
  threat: "What cannot be told is neither passed nor failed: the fault may be there, and nobody sees it.",
  remedy:
    "Check the folder that holds every file that the service is made of, with the variables that it needs (`.env`, `terraform.tfvars`). What is decided elsewhere can be judged in what a program makes of it (`--rendered`, `tofu show -json`), and with Docker on the running engine (`--live`).",
  judged:
    "Where three or more controls, or two of which neither is more than a remark, cannot be told for one reason of one service, or of one configuration file that no service is seen to use, the reason is told once, as severe as the worst of them, and of such a file medium at most. Each of them still counts as unknown.",
  frameworks: { nistCsf: ["ID.AM-02"] },
};

export const reservedControls: readonly ControlDescription[] = [inputControl, exceptionControl, unresolvedControl];
