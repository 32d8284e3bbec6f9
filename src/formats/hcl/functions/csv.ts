/** Rows of a text of comma-separated values (RFC 4180); a quoted field may hold commas, newlines and doubled quotes. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length; ) {
    const { field, next } = text[at] === '"' ? quotedField(text, at) : plainField(text, at);
    row.push(field);
    at = next;
    if (text[at] === ",") at++;
    else {
      rows.push(row);
      row = [];
      if (text[at] === "\r") at++;
      if (text[at] === "\n") at++;
    }
  }
  return rows.filter((each) => each.length > 1 || each[0] !== "");
}

function plainField(text: string, at: number): { field: string; next: number } {
  let next = at;
  while (next < text.length && text[next] !== "," && text[next] !== "\n" && text[next] !== "\r") next++;
  return { field: text.slice(at, next), next };
}

function quotedField(text: string, at: number): { field: string; next: number } {
  let field = "";
  let from = at + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return { field: field + text.slice(from), next: text.length };
    field += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { field, next: quote + 1 };
    field += '"';
    from = quote + 2;
  }
}
