/**
 * `npm run bench:search`: a million messages of a year, indexed by the product's own indexer, then searched
 * by people in few and in many conversations; then messages come in at a pace, with and without the indexer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { MessageLog } from '../src/chat/message-log.js';
import { indexedQuery } from '../src/chat/search/candidates.js';
import { Indexer } from '../src/chat/search/indexer.js';
import { readQuery } from '../src/chat/search/query.js';
import { searchQuery } from '../src/chat/search/schema.js';
import { Search } from '../src/chat/search/search.js';
import { newId } from '../src/platform/ids.js';
import { testLog } from '../tests/support/config.js';
import { benchmark, type Run } from './lib/benchmark.js';
import type { Samples } from './lib/figure.js';
import { Corpus } from './search/corpus.js';
import { fill, openWorld, type SearchWorld } from './search/world.js';

const options = {
  messages: { default: 1_000_000, help: 'messages that are there' },
  searches: { default: 40, help: 'searches of each kind and person' },
  pace: { default: 2_000, help: 'messages per second that come in' },
  seconds: { default: 20, help: 'how long they come in, each time' },
} as const;

type SearchRun = Run<typeof options>;

/** Of the thousand conversations; the first ones are the largest. */
const askers = [
  { name: 'in_3', conversations: (index: number) => [700, 800, 900].includes(index) },
  { name: 'in_50', conversations: (index: number) => index % 20 === 3 },
  { name: 'in_600', conversations: (index: number) => index < 600 },
];

await benchmark('search', options, async (run) => {
  run.progress('Starting PostgreSQL …');
  const world = await openWorld();
  run.cleanup(() => world.close());
  const corpus = new Corpus();
  run.progress(`Writing ${run.option('messages')} messages …`);
  await fill(world, corpus, run.option('messages'));
  await index(run, world);
  await measureSearches(run, world, corpus);
  await showPlans(run, world, corpus);
  await measureFollowing(run, world, corpus);
  run.notMeasured('a database that does not fit into memory: all of it was read before');
  run.notMeasured('HTTP: the search is called in this process, which runs beside the database on the same cores');
});

async function index(run: SearchRun, { database }: SearchWorld): Promise<void> {
  run.progress('Indexing …');
  const begin = performance.now();
  const indexer = new Indexer({ database, log: testLog() });
  while ((await unindexed(database)) > 0) await delay(500);
  await indexer.close();
  const seconds = (performance.now() - begin) / 1_000;
  run.value(
    'indexed_per_second',
    'per_second',
    run.option('messages') / seconds,
    'Messages of a backlog; the indexer rests half of the time.',
  );
  // As autovacuum does after a while.
  await database.query('vacuum analyze message_search');
  const [size] = await database.query<{ rows: string; inverted: string }>(
    `select pg_table_size('message_search')::text as rows, pg_relation_size('message_search_terms')::text as inverted`,
  );
  run.value('table_bytes_per_message', 'bytes', Number(size?.rows) / run.option('messages'), 'Of message_search, without its indexes.');
  run.value('index_bytes_per_message', 'bytes', Number(size?.inverted) / run.option('messages'), 'Of the inverted index.');
}

async function unindexed(database: SearchWorld['database']): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `select sum(c.last_number - coalesce(s.indexed_number, 0))::int as count
     from conversations c left join search_cursors s on s.conversation_id = c.id`,
  );
  return row?.count ?? 0;
}

/** By rank of the word: 0 is the commonest. */
function kinds(corpus: Corpus): Readonly<Record<string, (round: number) => object>> {
  const { chinese, english } = corpus;
  const word = (words: readonly string[], from: number, to: number) => words[from + Math.floor(corpus.random() * (to - from))] ?? '';
  return {
    common: (round) => ({ q: (round % 2 === 0 ? chinese : english)[round % 4] }),
    usual: (round) => ({ q: round % 2 === 0 ? word(chinese, 50, 1_000) : word(english, 50, 1_000) }),
    rare: (round) => ({ q: round % 2 === 0 ? word(chinese, 5_000, 30_000) : word(english, 5_000, 20_000) }),
    character: () => ({ q: word(chinese, 60, 5_000).slice(0, 1) }),
    part: () => ({ q: word(english, 100, 5_000).slice(1, 5).padEnd(3, 'a') }),
    two_words: () => ({ q: `${word(chinese, 20, 400)} ${word(chinese, 20, 400)}` }),
    nowhere: (round) => ({ q: `${word(english, 0, 50)}${word(english, 0, 50)}${round}x` }),
    before: () => ({ q: word(chinese, 0, 200), until: new Date(Date.now() - 200 * 24 * 3_600_000).toISOString() }),
  };
}

async function measureSearches(run: SearchRun, world: SearchWorld, corpus: Corpus): Promise<void> {
  const search = new Search(world.database);
  const all = kinds(corpus);
  const byAsker = askers.map(({ name }) =>
    run.samples(`search_${name}_ms`, 'ms', `All searches of a person ${name.replace('_', ' ')} conversations of 1,000.`),
  );
  const byKind = new Map<string, Samples>(
    Object.keys(all).map((kind) => [kind, run.samples(`${kind}_ms`, 'ms', `Searches of the kind "${kind}", of all three people.`)]),
  );
  for (const [index, { conversations }] of askers.entries()) {
    const asker = world.person(index);
    await world.join(
      asker.personId,
      world.conversationIds.filter((_, at) => conversations(at)),
    );
    for (const [kind, make] of Object.entries(all)) {
      run.progress(`Searching: ${askers[index]?.name}, ${kind} …`);
      // The first brings pages into memory.
      for (let round = -1; round < run.option('searches'); round += 1) {
        const query = searchQuery.parse(make(Math.max(0, round)));
        const begin = performance.now();
        await search.find(asker, query);
        const ms = performance.now() - begin;
        if (round < 0) continue;
        byAsker[index]?.add(ms);
        byKind.get(kind)?.add(ms);
      }
    }
  }
}

/** To standard error, for whoever wants to see what the database does. */
async function showPlans(run: SearchRun, { database, orgId, conversationIds }: SearchWorld, corpus: Corpus): Promise<void> {
  const many = conversationIds.slice(0, 600);
  const few = [700, 800, 900].map((index) => conversationIds[index]!);
  for (const [what, query, ids] of [
    ['a rare word, 600 conversations', corpus.chinese[20_000]!, many],
    ['a common word, 3 conversations', corpus.chinese[0]!, few],
  ] as const) {
    const terms = readQuery(query).flatMap((needle) => needle.terms);
    const scope = { orgId, conversationIds: ids, hidden: new Map<string, number>(), terms, anyTerms: [], since: null, until: null };
    const { sql, values } = await indexedQuery(database, scope, null, 100);
    const plan = await database.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, costs off) ${sql}`, values);
    const [share] = await database.query<{ count: number }>('select count(*)::int from message_search where terms @> $1::int[]', [terms]);
    run.progress(`\nPlan: ${what}; ${share?.count} messages have the terms`);
    for (const row of plan) run.progress(row['QUERY PLAN'].length > 160 ? `${row['QUERY PLAN'].slice(0, 157)}...` : row['QUERY PLAN']);
  }
}

async function measureFollowing(run: SearchRun, world: SearchWorld, corpus: Corpus): Promise<void> {
  await comeIn(run, world, corpus, run.samples('append_alone_ms', 'ms', 'A message into the log, while nobody indexes.'), null);
  const indexer = new Indexer({ database: world.database, log: testLog() });
  while ((await unindexed(world.database)) > 0) await delay(200);
  const behind = run.samples('behind', 'count', 'Messages that the index had not yet, looked at each half second.');
  let looking = true;
  const looks = (async () => {
    while (looking) {
      await delay(500);
      if (looking) behind.add(await unindexed(world.database));
    }
  })();
  await comeIn(run, world, corpus, run.samples('append_ms', 'ms', 'The same while the indexer follows.'), indexer);
  looking = false;
  await looks;
  const end = performance.now();
  while ((await unindexed(world.database)) > 0) await delay(20);
  run.value('caught_up_ms', 'ms', performance.now() - end, 'From the last message until the index had all.');
  await indexer.close();
}

/** At the pace, over 200 conversations. */
async function comeIn(run: SearchRun, world: SearchWorld, corpus: Corpus, samples: Samples, indexer: Indexer | null): Promise<void> {
  const { database, orgId, personIds, conversationIds } = world;
  const log = new MessageLog({
    database,
    clock: { now: () => Date.now() },
    log: testLog(),
    groupCommitMs: 4,
    committed: ({ conversationId }) => indexer?.wake(conversationId),
    changed: () => undefined,
  });
  run.progress(`${run.option('pace')} messages per second for ${run.option('seconds')} s, ${indexer ? 'indexed' : 'not indexed'} …`);
  const sent: Promise<void>[] = [];
  const begin = performance.now();
  const total = run.option('pace') * run.option('seconds');
  while (sent.length < total) {
    const due = Math.min(total, ((performance.now() - begin) / 1_000) * run.option('pace'));
    while (sent.length < due) {
      const at = performance.now();
      const message = {
        orgId,
        conversationId: conversationIds[sent.length % 200]!,
        senderId: personIds[sent.length % personIds.length]!,
        senderName: 'P',
        clientId: newId(),
        body: corpus.body(),
      };
      sent.push(log.append(message).then(() => samples.add(performance.now() - at)));
    }
    await delay(5);
  }
  await Promise.all(sent);
  await log.close();
}
