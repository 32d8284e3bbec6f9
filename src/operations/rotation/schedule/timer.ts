/** What the units of a timer are made with. */
export interface TimerInputs {
  readonly stack: string;
  /** The stack's folder, absolute. */
  readonly folder: string;
  /** How this program is started: words, the first absolute. */
  readonly program: readonly string[];
}

/**
 * Units for systemd that run `rotate --due` every hour (systemd.service(5), systemd.timer(5)). A run that fails leaves the
 * unit failed, which is what to be alerted of: `OnFailure` names a unit of one's own.
 */
export function timerUnits(inputs: TimerInputs): readonly { readonly name: string; readonly content: string }[] {
  const { stack, folder, program } = inputs;
  const name = `ringwall-rotate-${stack}`;
  const start = [...program, "rotate", "--due", "--yes", "--stack", folder].map(word).join(" ");
  return [
    {
      name: `${name}.service`,
      content: [
        "[Unit]",
        `Description=Rotate the secrets of ${stack} whose time has come`,
        "Wants=docker.service",
        "After=docker.service network-online.target",
        "# OnFailure=your-alert@%n.service",
        "",
        "[Service]",
        "Type=oneshot",
        `ExecStart=${start}`,
        "# A rotation that is stopped is taken up by the next run; it is given time to end by itself.",
        "TimeoutStartSec=1h",
        "TimeoutStopSec=5min",
        "UMask=0077",
        "",
      ].join("\n"),
    },
    {
      name: `${name}.timer`,
      content: [
        "[Unit]",
        `Description=Look hourly whether secrets of ${stack} are due`,
        "",
        "[Timer]",
        "OnCalendar=hourly",
        "RandomizedDelaySec=10min",
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
        "",
      ].join("\n"),
    },
  ];
}

/** One word of `ExecStart`: quoted, with `%` and `$` doubled, which systemd would replace (systemd.service(5), "Command lines"). */
function word(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[A-Za-z0-9_./:=@%$-]+$/.test(text) ? escaped : `"${escaped}"`;
}
