/** The server under test, its people, and their conversations or meetings, as the script finds them in a file. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { conversationSchema } from '../../src/chat/schema.js';
import { signedInSchema } from '../../src/services/accounts/schema.js';
import { Api, password } from '../../tests/support/api.js';
import { conversations, openStage, people, startChatServer } from '../chat/stage.js';
import { type ServerProcess, startServerProcess } from '../lib/server-process.js';
import { fewPeople, type LoadOptions, type Remote } from './options.js';
import { groupCount, groupOf, type Plan } from './plan.js';
import type { Somebody, StageFile } from './stage-file.js';

export interface Stage {
  readonly file: StageFile;
  /** The server's process; null where it was there already. */
  readonly server: ServerProcess | null;
}

interface Account {
  readonly id: string;
  readonly accessToken: string;
  readonly somebody: Somebody;
}

/** What protects the server from one address, which is that of all people here. */
const limits = {
  MEDIA_WORKERS: 1,
  DATABASE_POOL: 12,
  ACCESS_TOKEN_MS: 3_600_000,
  SOCKET_PER_ADDRESS: 100_000,
  SOCKET_UNAUTHENTICATED: 100_000,
  SOCKET_HELLO_MS: 60_000,
};

const atOnce = 8;
const usersSchema = z.array(z.object({ email: z.string(), password: z.string() }));

/** `cleanup` takes what is to be undone at the end, the last first. */
export async function openLoadStage(
  { plan, remote }: Pick<LoadOptions, 'plan' | 'remote'>,
  cleanup: (undo: () => Promise<unknown>) => void,
): Promise<Stage> {
  if (remote) return { server: null, file: await atRemote(plan, remote, cleanup) };
  if (plan.users > fewPeople) return withInserted(plan, cleanup);
  return withInvited(plan, cleanup);
}

/** Few people come in as people do: by invitations, and they sign in with their passwords. */
async function withInvited(plan: Plan, cleanup: (undo: () => Promise<unknown>) => void): Promise<Stage> {
  const server = await startServerProcess(limits);
  cleanup(() => server.close());
  const api = new Api(() => server);
  const owner = await api.setUpOwner();
  const accounts = await inTurn(range(plan.users), async (index): Promise<Account> => {
    const email = `person-${index}@harbour.example`;
    const { link } = z
      .object({ link: z.string() })
      .parse(await answered(api, 'POST', '/api/invitations', { email, role: 'member' }, owner.accessToken));
    const accepted = await answered(api, 'POST', '/api/invitations/accept', {
      token: link.split('#')[1],
      name: `Person ${index}`,
      password,
    });
    const { accessToken, person } = signedInSchema.parse(accepted);
    return { id: person.id, accessToken, somebody: { email, password } };
  });
  return { server, file: await fileOf(plan, api, accounts, { sameClock: true, groups: await groupsOverApi(plan, api, accounts) }) };
}

/** Many are written into the database, with tokens signed for them. */
async function withInserted(plan: Plan, cleanup: (undo: () => Promise<unknown>) => void): Promise<Stage> {
  const stage = await openStage();
  cleanup(() => stage.close());
  const { process: server } = await startChatServer(stage, limits);
  cleanup(() => server.close());
  const api = new Api(() => server);
  const accounts = (await people(stage, plan.users)).map(
    ({ id, accessToken }): Account => ({ id, accessToken, somebody: { accessToken } }),
  );
  if (plan.scenario === 'signaling-steady')
    return { server, file: await fileOf(plan, api, accounts, { sameClock: true, groups: await groupsOverApi(plan, api, accounts) }) };
  const members = range(groupCount(plan)).map((group) => accounts.filter((_, index) => groupOf(plan, index).group === group));
  const groups = (await conversations(stage, members)).map((conversationId) => ({ conversationId }));
  return { server, file: await fileOf(plan, api, accounts, { sameClock: true, groups }) };
}

async function atRemote(plan: Plan, { url, usersFile }: Remote, cleanup: (undo: () => Promise<unknown>) => void): Promise<StageFile> {
  const users = await usersOf(usersFile);
  if (users.length < plan.users)
    throw new RangeError(`${usersFile} has ${users.length} people; --users ${plan.users} wants more. Add some, or lower --users.`);
  const api = new Api(() => ({ url, setupPath: null }));
  const accounts = await inTurn(range(plan.users), async (index): Promise<Account> => {
    const { email, password: secret } = users[index]!;
    const { accessToken, person } = signedInSchema.parse(
      await answered(api, 'POST', '/api/auth/sign-in', { email, password: secret, keep: 'body' }),
    );
    return { id: person.id, accessToken, somebody: { email, password: secret } };
  });
  const groups = await groupsOverApi(plan, api, accounts);
  // What was made there is put away: the people go on using that server.
  cleanup(async () => {
    for (const [group, { conversationId }] of groups.entries()) {
      const { email, password: secret } = users[group * plan.members]!;
      const again = await answered(api, 'POST', '/api/auth/sign-in', { email, password: secret, keep: 'body' });
      const token = signedInSchema.parse(again).accessToken;
      if (conversationId) await answered(api, 'PATCH', `/api/conversations/${conversationId}`, { archived: true }, token);
    }
  });
  return fileOf(plan, api, accounts, { sameClock: ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname), groups });
}

async function usersOf(file: string): Promise<z.output<typeof usersSchema>> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new RangeError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const users = usersSchema.safeParse(content);
  if (!users.success) throw new RangeError(`${file} must be a list of { "email", "password" }: ${z.prettifyError(users.error)}`);
  return users.data;
}

function groupsOverApi(plan: Plan, api: Api, accounts: readonly Account[]): Promise<StageFile['groups'][number][]> {
  return inTurn(range(groupCount(plan)), async (group) => {
    const [host, ...others] = accounts.slice(group * plan.members, (group + 1) * plan.members);
    if (!host) throw new Error(`Group ${group} is empty.`);
    if (plan.scenario === 'signaling-steady') {
      const meeting = await answered(api, 'POST', '/api/meetings', { title: 'Load', lobby: 'off' }, host.accessToken);
      return { meetingId: z.object({ id: z.string() }).parse(meeting).id };
    }
    const body = { kind: 'group', title: 'Load', memberIds: others.map(({ id }) => id) };
    const made = await answered(api, 'POST', '/api/conversations', body, host.accessToken);
    return { conversationId: conversationSchema.pick({ id: true }).parse(made).id };
  });
}

async function fileOf(
  plan: Plan,
  api: Api,
  accounts: readonly Account[],
  { sameClock, groups }: Pick<StageFile, 'sameClock' | 'groups'>,
): Promise<StageFile> {
  const everybody = accounts.slice(0, plan.users).map(({ somebody }) => somebody);
  return { url: api.url, gatewayUrl: await api.gatewayUrl(), sameClock, people: everybody, groups };
}

async function answered(api: Api, method: string, path: string, body: unknown, token?: string): Promise<unknown> {
  const answer = await api.api(method, path, body, token);
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

/** So many at the same time; the results in order. */
async function inTurn<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (let at = 0; at < items.length; at += atOnce) results.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  return results;
}
