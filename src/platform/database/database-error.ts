/** Why the server can't start with this database, in a sentence for who runs it. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
