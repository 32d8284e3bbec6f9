/** UTF-16 units from which on a piece is given. */
const enough = 262_144;

/** The same text in few pieces: small parts put together, so that a large text is not written line by line. */
export function* inPieces(parts: Iterable<string>): Generator<string> {
  let piece = "";
  for (const part of parts) {
    piece += part;
    if (piece.length < enough) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
