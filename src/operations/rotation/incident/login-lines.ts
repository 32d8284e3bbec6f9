/**
 * Words with which programs tell of logins: PostgreSQL ("connection authorized", "password authentication failed"),
 * Mosquitto ("New client connected", "not authorised"), sshd ("Accepted publickey"), and what most others say.
 */
const loginWords =
  /\b(?:auth\w*|login|log[- ]?in|logged in|sign(?:ed)?[- ]?in|password|denied|refused|rejected|unauthori[sz]ed|forbidden|invalid user|accepted|new client|connection (?:authorized|received)|session|token|40[13])\b/i;

/** Lines of a log that tell of logins or name one of the accounts, in their order. */
export function loginLines(lines: readonly string[], accounts: readonly string[]): readonly string[] {
  const names = accounts.filter((account) => account !== "").map((account) => account.toLowerCase());
  return lines.filter((line) => {
    if (loginWords.test(line)) return true;
    const lower = line.toLowerCase();
    return names.some((name) => lower.includes(name));
  });
}
