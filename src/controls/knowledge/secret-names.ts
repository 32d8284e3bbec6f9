/** Names that are never a secret's although they end like one. */
const neverSecret = new Set(["PWD", "OLDPWD", "GITHUB_TOKEN_PERMISSIONS"]);

const secretEnding =
  /(?:^|_|[a-z])(?:PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|PW|SECRET|TOKEN|CREDENTIALS?|PSK|SALT|API_?KEY|APIKEY|SECRET_?KEY|ACCESS_?KEY|PRIVATE_?KEY|ENCRYPTION_?KEY|ENC_KEY|ENCRYPT_KEY|MASTER_?KEY|SIGNING_?KEY|PRESHARED_?KEY|APP_?KEY|AUTH_?KEY|SESSION_?KEY|JWT_?KEY|STORAGE_?KEY|ACCOUNT_?KEY|SECRET_KEY_BASE|JWT_SECRET_KEY|OTP_SECRET|ROOT_?PASSWORD)(?:_?\d{1,2})?$/i;

/** Switches and settings whose names hold a secret's word. */
const settingBeginning =
  /^(?:ALLOW|ENABLE|DISABLE|REQUIRE|USE|SHOW|HIDE|RESET|RANDOM|NO)_|_(?:ALLOW|ENABLE|DISABLE|RANDOM|ALLOW_EMPTY|RANDOM_ROOT|REQUIRE|EMPTY)_/i;

/** Whether a variable of this name holds a secret: `DB_PASSWORD`, `APP_KEY`; not `DB_PASSWORD_FILE`, `SECRET_PORT`. */
export function isSecretName(name: string): boolean {
  return !neverSecret.has(name.toUpperCase()) && secretEnding.test(name) && !settingBeginning.test(name);
}

/** Whether a variable names a file that holds a secret: `DB_PASSWORD_FILE`, `POSTGRES_PASSWORD__FILE`. */
export function isSecretFileName(name: string): boolean {
  const match = /^(.*?)_{1,2}FILE$/i.exec(name);
  return match?.[1] !== undefined && isSecretName(match[1]);
}

/** Words that switch something on or off, or say where rather than what. */
export const settingValue =
  /^(?:true|false|yes|no|on|off|none|null|enabled|disabled|auto|\d{1,2}|\/[\w./-]+|file:\/\/.*)$/i;

/** A user and password inside a URL; the second group is the password. */
export const credentialUrl = /\b[a-z][a-z0-9+.-]*:\/\/([^\s:/@]*):([^\s:/@]+)@/i;

/** Shapes that known issuers give their secrets. */
export const issuedSecret =
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{40,}|\bglpat-[\w-]{20,}|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-[\w-]{20,}|\bsk_live_\w{20,}|\bAGE-SECRET-KEY-1[0-9A-Z]{50,}|\bAIza[\w-]{35}\b|\bhvs\.[\w-]{24,}/;
