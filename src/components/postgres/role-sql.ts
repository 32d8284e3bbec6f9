/** SQL for roles that take turns. Identifiers and texts are quoted here; no statement holds a password. */

/** `"name"`, as SQL quotes an identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `'text'`, as SQL quotes a text (standard_conforming_strings is on since PostgreSQL 9.1). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Begins the comment of a role that Ringwall made; the operation's id follows. */
export const madeBy = "Ringwall: signs in in turn with ";

/**
 * Makes the second role of a pair, or finishes one that is half made: a member of the first that acts as the first from
 * its first statement on, with the settings and the limit of connections that the first has.
 */
export function secondRole(base: string, second: string, operation: string): string {
  return `
SELECT format('CREATE ROLE %I NOLOGIN', ${literal(second)})
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(second)}) \\gexec
GRANT ${identifier(base)} TO ${identifier(second)};
ALTER ROLE ${identifier(second)} RESET ALL;
${copiedSettings(base, second)}
ALTER ROLE ${identifier(second)} SET role TO ${literal(base)};
SELECT format('ALTER ROLE %I CONNECTION LIMIT %s', ${literal(second)}, rolconnlimit)
  FROM pg_roles WHERE rolname = ${literal(base)} \\gexec
COMMENT ON ROLE ${identifier(second)} IS ${literal(`${madeBy}${base} (${operation})`)};
`;
}

/**
 * Settings of a role do not come with membership. Those that hold a list of names stand in the catalogue as they are to
 * be written; all others are one text (pg_dump, `variable_is_guc_list_quote`, PostgreSQL 18).
 */
function copiedSettings(base: string, second: string): string {
  const lists = "'local_preload_libraries', 'search_path', 'session_preload_libraries', 'temp_tablespaces'";
  return `
SELECT format('ALTER ROLE %I %s SET %I TO %s', ${literal(second)},
              CASE WHEN setting.setdatabase = 0 THEN '' ELSE format('IN DATABASE %I', database.datname) END,
              part.name, CASE WHEN part.name IN (${lists}) THEN part.value ELSE quote_literal(part.value) END)
  FROM pg_db_role_setting AS setting
  JOIN pg_roles AS role ON role.oid = setting.setrole
  LEFT JOIN pg_database AS database ON database.oid = setting.setdatabase
 CROSS JOIN LATERAL unnest(setting.setconfig) AS entry
 CROSS JOIN LATERAL (SELECT split_part(entry, '=', 1) AS name, substr(entry, strpos(entry, '=') + 1) AS value) AS part
 WHERE role.rolname = ${literal(base)} AND part.name <> 'role' \\gexec`;
}

/** Lets a role sign in with what the verifier was made of, and with nothing else. */
export function allow(role: string, verifier: string): string {
  return `ALTER ROLE ${identifier(role)} LOGIN PASSWORD ${literal(verifier)} VALID UNTIL 'infinity';\n`;
}

/** No password signs in to it any more, and who is signed in is sent away. */
export function deny(role: string): string {
  return `ALTER ROLE ${identifier(role)} PASSWORD NULL;\n${endSessions(role)}`;
}

/** Ends the sessions that a role opened; those opened before a moment when one is given. */
export function endSessions(role: string, before?: string): string {
  const earlier = before === undefined ? "" : ` AND backend_start < ${literal(before)}::timestamptz`;
  return `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE usename = ${literal(role)} AND pid <> pg_backend_pid()${earlier};\n`;
}

/** How many sessions a role has open. */
export function countSessions(role: string): string {
  return `SELECT count(*) FROM pg_stat_activity WHERE usename = ${literal(role)} AND pid <> pg_backend_pid();\n`;
}
