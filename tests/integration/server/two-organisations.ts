/** Two organisations on one server, each with a meeting that is on, and somebody who looks at what is not his. */
import { expect } from 'vitest';
import { z } from 'zod';
import { scheduledSchema } from '../../../src/chat/notify/schema.js';
import { exportSchema } from '../../../src/chat/retention/schema.js';
import { catalogue, type ErrorCode, type Language, languages } from '../../../src/platform/errors.js';
import { newId } from '../../../src/platform/ids.js';
import { deviceSchema, signedInSchema } from '../../../src/services/accounts/schema.js';
import { type Api, password, produceParameters, type SignedIn } from '../../support/api.js';
import { recordingPolicy } from '../../support/recording-policy.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { uploadTo } from '../../support/uploads.js';
import { waitFor } from '../../support/wait-for.js';
import { Attendee, Source } from './attendee.js';

/** What can be named of somebody in a meeting that is on. */
export interface Things {
  readonly accessToken: string;
  readonly meetingId: string;
  readonly code: string;
  readonly conversationId: string;
  readonly participantId: string;
  readonly waitingId: string;
  readonly sendTransportId: string;
  readonly receiveTransportId: string;
  readonly producerId: string;
  readonly consumerId: string;
  readonly invitationId: string;
  readonly deviceId: string;
  readonly personId: string;
  readonly domainId: string;
  readonly domainRuleId: string;
  readonly dlpRuleId: string;
  readonly guestId: string;
  readonly holdId: string;
  readonly exportId: string;
  readonly attachmentId: string;
  readonly scheduledId: string;
  readonly recordingId: string;
  readonly appId: string;
  readonly incomingWebhookId: string;
  readonly outgoingWebhookId: string;
  readonly slashCommandId: string;
}

export interface Scene {
  readonly server: TestServer;
  readonly olivia: SignedIn;
  /** Olivia's organisation: its things, and its host and a member with sockets. */
  readonly first: { readonly things: Things; readonly host: Attendee; readonly attendee: Attendee };
  /** A fresh sign-in of the other organisation's owner. */
  stranger(): Promise<SignedIn>;
  /** A fresh sign-in of a guest of another meeting of Olivia's, and that meeting. */
  guest(): Promise<{ accessToken: string; meetingId: string }>;
  /** Everything that the database holds of Olivia's organisation. */
  rows(): Promise<unknown>;
}

export async function twoOrganisations(): Promise<Scene> {
  const server = await startTestServer();
  const olivia = await server.setUpOwner();
  const first = await inMeeting(server, olivia, await server.invite(olivia, 'Ana'));
  await addOrganisation(server);
  const open = await server.createMeeting(olivia, { title: 'Open house', lobby: 'off' });
  return {
    server,
    olivia,
    first,
    stranger: () => server.get(signedInSchema, 'POST', '/api/auth/sign-in', { email: 'sven@elsewhere.example', password }),
    guest: async () => ({ accessToken: (await server.guest(open.code, 'Gia')).accessToken, meetingId: open.id }),
    rows: async () => rowsOf(server, olivia.person.organisation.id),
  };
}

/** A refusal of the catalogue, with a sentence in the language that was asked for. */
export function expectRefusal(error: { code: string; message: string }, language: Language, status?: number): void {
  expect(Object.keys(catalogue)).toContain(error.code);
  const entry = catalogue[error.code as ErrorCode];
  expect(error.code).not.toBe('SERVER_FAULT');
  const [before = '', after = ''] = entry.message[language].split(/\{\w+\}/);
  expect(error.message.startsWith(before) && error.message.endsWith(after), `"${error.message}" in ${language}`).toBe(true);
  if (status !== undefined) expect(status).toBe(entry.status);
}

/** Set-up works once, so the second organisation is written into the database; its owner has Olivia's password. */
async function addOrganisation(server: TestServer): Promise<void> {
  const orgId = newId();
  await server.database.query(`insert into organisations (id, name, created_at) values ($1, 'Elsewhere', now())`, [orgId]);
  await server.database.query(
    `insert into people (org_id, id, name, role, email, password_hash, created_at)
     select $1, $2, 'Sven', 'owner', 'sven@elsewhere.example', password_hash, now() from people where role = 'owner'`,
    [orgId, newId()],
  );
}

/** A meeting with its host, a member who is seen and heard, a guest at the door, a message, and an open invitation. */
async function inMeeting(server: TestServer, owner: SignedIn, member: SignedIn): Promise<Scene['first']> {
  const meeting = await server.createMeeting(owner, { title: 'Secret plans' });
  const host = await Attendee.enter(server, meeting.id, owner);
  const attendee = await Attendee.enter(server, meeting.id, member);
  const producerId = await attendee.produce(Source.SOURCE_MICROPHONE);
  const { added } = await host.told('consumersChanged');
  const guest = await Attendee.arrive(server, meeting.id, await server.guest(meeting.code, 'Gus'));
  const waitingId = await guest.knock();
  await host.told('lobbyList');
  await attendee.write('a secret');
  const invitation = await server.openInvitation(owner, 'Zoe');
  const { devices } = await server.get(z.object({ devices: z.array(deviceSchema) }), 'GET', '/api/devices', undefined, owner.accessToken);
  const ofChat = await thingsOfChat(server, owner);
  const things: Things = {
    ...ofChat,
    ...(await thingsOfBots(server, owner)),
    personId: member.person.id,
    accessToken: owner.accessToken,
    meetingId: meeting.id,
    code: meeting.code,
    conversationId: host.conversationId,
    participantId: attendee.id,
    waitingId,
    sendTransportId: attendee.joined.media?.send?.id ?? '',
    receiveTransportId: attendee.joined.media?.receive?.id ?? '',
    producerId,
    consumerId: added?.[0]?.id ?? '',
    invitationId: invitation.id,
    deviceId: devices[0]?.id ?? '',
    recordingId: await record(server, owner.person.organisation.id, meeting.id),
    scheduledId: await schedule(server, owner, host.conversationId),
    attachmentId: (await uploadTo(server, owner.accessToken, host.conversationId, 'plans.txt', Buffer.from('a secret file'))).id,
  };
  for (const [name, thing] of Object.entries(things)) if (thing === '') throw new Error(`There is no ${name}.`);
  return { things, host, attendee };
}

/** One that has failed: nothing happens to it by itself. */
async function record(server: TestServer, orgId: string, meetingId: string): Promise<string> {
  const id = newId();
  const texts = Object.fromEntries(languages.map((language) => [language, {}]));
  await server.database.query(
    `insert into consent_notices (org_id, hash, version, texts, created_at) values ($1, 'secret', '1', $2, now())`,
    [orgId, JSON.stringify(texts)],
  );
  await server.database.query(
    `insert into recordings (org_id, id, meeting_id, conversation_id, kind, state, title, started_by, started_by_name, started_at, stopped_at,
       notice_hash, policy, created_at)
     select $1, $2, id, conversation_id, 'recording', 'failed', 'Secret plans', host_id, 'Olivia', now(), now(), 'secret', $4, now()
     from meetings where id = $3`,
    [orgId, id, meetingId, JSON.stringify(recordingPolicy)],
  );
  // With an action item of the same id, and a summary.
  await server.database.query(
    `insert into action_items (org_id, id, recording_id, state, what, origin, created_at) values ($1, $2, $2, 'proposed', 'A secret task', 'person', now())`,
    [orgId, id],
  );
  await server.database.query(
    `insert into recording_summaries (org_id, recording_id, number, recording_version, engine, language, content, created_at)
     values ($1, $2, 1, 1, 'offline', 'en', '{"overview": [], "topics": [], "decisions": [], "questions": []}', now())`,
    [orgId, id],
  );
  return id;
}

async function schedule(server: Api, { accessToken }: SignedIn, conversationId: string): Promise<string> {
  const body = { body: 'a secret for tomorrow', sendAt: new Date(Date.now() + 86_400_000).toISOString() };
  const { id } = await server.get(scheduledSchema, 'POST', `/api/conversations/${conversationId}/scheduled`, body, accessToken);
  return id;
}

/** What administrators of chat keep. */
async function thingsOfChat(
  server: Api,
  { accessToken }: SignedIn,
): Promise<Pick<Things, 'domainId' | 'domainRuleId' | 'dlpRuleId' | 'guestId' | 'holdId' | 'exportId'>> {
  const post = async (path: string, body: unknown) =>
    server.get(z.object({ id: z.string(), link: z.string().default('') }), 'POST', path, body, accessToken);
  const domain = await post('/api/domains', { name: 'Secret domain' });
  const rule = await post('/api/domain-rules', { name: 'Secret rule', from: domain.id, allow: true });
  const dlpRule = await post('/api/dlp/rules', { name: 'Secret words', action: 'warn', patterns: [{ name: 'Word', pattern: 'plans' }] });
  const group = await post('/api/conversations', { kind: 'group', title: 'Secret group' });
  const { link } = await post(`/api/conversations/${group.id}/guests`, { email: 'gil@outside.example' });
  const guest = { token: link.split('#')[1], name: 'Gil', password };
  const { person } = await server.get(signedInSchema, 'POST', '/api/invitations/accept', guest);
  const hold = await post('/api/holds', { name: 'Secret hold', matter: 'A secret', reason: 'A secret', conversationIds: [group.id] });
  const made = await post('/api/exports', { conversationIds: [group.id], reason: 'A secret' });
  // Nothing may change by itself while others look.
  const done = async () => (await server.get(exportSchema, 'GET', `/api/exports/${made.id}`, undefined, accessToken)).status === 'done';
  await waitFor(done, 'the export', { deadlineMs: 60_000 });
  return { domainId: domain.id, domainRuleId: rule.id, dlpRuleId: dlpRule.id, guestId: person.id, holdId: hold.id, exportId: made.id };
}

/** An app in a conversation where nothing happens, so that nobody is called. */
async function thingsOfBots(
  server: Api,
  owner: SignedIn,
): Promise<Pick<Things, 'appId' | 'incomingWebhookId' | 'outgoingWebhookId' | 'slashCommandId'>> {
  const make = async (path: string, body: unknown) =>
    (await server.get(z.object({ id: z.uuid() }), 'POST', path, body, owner.accessToken)).id;
  const appId = await make('/api/apps', { name: 'Harbour ERP', scopes: ['messages:write'] });
  const conversationId = await make('/api/conversations', { kind: 'group', title: 'Secret plans of the ERP', memberIds: [appId] });
  const url = 'https://93.184.216.34/secret-plans';
  return {
    appId,
    incomingWebhookId: await make('/api/incoming-webhooks', { name: 'Secret plans', appId, conversationId }),
    outgoingWebhookId: await make('/api/outgoing-webhooks', { name: 'Secret plans', appId, url }),
    slashCommandId: await make('/api/slash-commands', { name: 'secret-plans', appId, url }),
  };
}

/** Except when something was last seen, which passes by itself, sign-ins, which guests of the organisation have, and what the search makes of messages after a while. */
async function rowsOf(server: TestServer, orgId: string): Promise<unknown> {
  const tables = await server.database.query<{ name: string }>(
    `select c.table_name as name from information_schema.columns c where c.table_schema = 'public' and c.column_name = 'org_id'
     and c.table_name not in ('sign_ins', 'message_search', 'search_cursors') order by 1`,
  );
  const rows: Record<string, unknown> = {};
  for (const { name } of tables) {
    rows[name] = await server.database.query(
      `select to_jsonb(t) - 'seen_at' as row from ${name} t where org_id = $1 order by to_jsonb(t)::text`,
      [orgId],
    );
  }
  return rows;
}

export const dtlsParameters = JSON.stringify({
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
});
export const audio = (): string => produceParameters('audio');
