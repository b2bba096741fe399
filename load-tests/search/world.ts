/** A database of its own with people, conversations and messages of a year. */
import { randomUUID } from 'node:crypto';
import { EmbeddedServer } from '../../src/platform/database/embedded-server.js';
import { type Database, openDatabase } from '../../src/platform/database/index.js';
import { newId } from '../../src/platform/ids.js';
import type { Principal } from '../../src/platform/principal.js';
import { testConfig, testLog } from '../../tests/support/config.js';
import { temporaryFolder } from '../../tests/support/temporary-folder.js';
import type { Corpus } from './corpus.js';

const year = 365 * 24 * 3_600_000;
const people = 500;
const conversations = 1_000;
const rowsAtOnce = 5_000;

export interface SearchWorld {
  readonly database: Database;
  readonly orgId: string;
  readonly personIds: readonly string[];
  readonly conversationIds: readonly string[];
  person(index: number): Principal;
  join(personId: string, conversationIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<SearchWorld> {
  const folder = await temporaryFolder();
  const server = await EmbeddedServer.start({ dataDir: folder.path, connections: 20, applicationName: 'causeway bench', log: testLog() });
  const database = await openDatabase({ config: testConfig({ DATABASE_URL: server.url() }), log: testLog() });
  const orgId = newId();
  const personIds = Array.from({ length: people }, () => newId());
  const conversationIds = Array.from({ length: conversations }, () => newId());
  await database.query(`insert into organisations (id, name, created_at) values ($1, 'Harbour Ltd', now())`, [orgId]);
  await database.query(
    `insert into people (org_id, id, name, role, email, created_at)
     select $1, id, 'P', 'member', id || '@harbour.example', now() from unnest($2::uuid[]) id`,
    [orgId, personIds],
  );
  await database.query(
    `insert into conversations (org_id, id, kind, title, created_at) select $1, id, 'group', 'G', now() from unnest($2::uuid[]) id`,
    [orgId, conversationIds],
  );
  return {
    database,
    orgId,
    personIds,
    conversationIds,
    person: (index) => ({
      orgId,
      personId: personIds[index]!,
      name: 'P',
      role: 'member',
      signInId: newId(),
      expiresAt: Number.MAX_SAFE_INTEGER,
    }),
    join: async (personId, ids) => {
      await database.query(
        `insert into conversation_members (org_id, conversation_id, person_id) select $1, id, $2 from unnest($3::uuid[]) id`,
        [orgId, personId, ids],
      );
    },
    close: async () => {
      await database.close();
      await server.stop({ evenIfUsed: true });
      await folder.remove();
    },
  };
}

/** Some conversations and people have far more messages than others. */
export async function fill({ database, orgId, personIds, conversationIds }: SearchWorld, corpus: Corpus, messages: number): Promise<void> {
  const numbers = new Map<string, number>();
  const begin = Date.now() - year;
  for (let from = 0; from < messages; from += rowsAtOnce) {
    const rows = Array.from({ length: Math.min(rowsAtOnce, messages - from) }, (_, index) => {
      const conversationId = conversationIds[Math.floor(conversations * corpus.random() ** 2)]!;
      const number = (numbers.get(conversationId) ?? 0) + 1;
      numbers.set(conversationId, number);
      const senderId = personIds[Math.floor(people * corpus.random() ** 2)]!;
      return { conversationId, number, senderId, body: corpus.body(), sentAt: new Date(begin + ((from + index) * year) / messages) };
    });
    await database.query(
      `insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
       select $1, c, n, n, s, 'P', i, b, t from unnest($2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[]) as x (c, n, s, i, b, t)`,
      [
        orgId,
        rows.map((row) => row.conversationId),
        rows.map((row) => row.number),
        rows.map((row) => row.senderId),
        rows.map(() => randomUUID()),
        rows.map((row) => row.body),
        rows.map((row) => row.sentAt),
      ],
    );
  }
  await database.query(
    'update conversations c set last_number = n.number from unnest($1::uuid[], $2::int[]) as n (id, number) where c.id = n.id',
    [[...numbers.keys()], [...numbers.values()]],
  );
}
