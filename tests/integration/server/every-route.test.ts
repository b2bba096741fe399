/** Walks every HTTP route. One that is added without a line here fails the first test. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languages } from '../../../src/platform/errors.js';
import { newId } from '../../../src/platform/ids.js';
import type { Answer } from '../../support/api.js';
import { policyBody } from '../../support/recording-policy.js';
import { expectRefusal, type Scene, type Things, twoOrganisations } from './two-organisations.js';

interface Call {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type RouteCase =
  /** Anybody may call it, for this reason; `wrong` is a call that it refuses. */
  | { readonly open: string; readonly wrong?: Call }
  /** Names things of an organisation; with another's it is refused. */
  | { readonly names: (things: Things) => Call }
  /** Names nothing: about the caller and his own organisation. Some of it is for guests of conversations, not for those of meetings. */
  | { readonly own: Call; readonly notInMeetings?: true };

const routes: Readonly<Record<string, RouteCase>> = {
  'GET /api/server': { open: 'a page loads its media device before anybody signs in' },
  'POST /api/setup': { open: 'the secret of the owner link stands in for a sign-in', wrong: { path: '/api/setup', body: {} } },
  'POST /api/auth/sign-in': {
    open: 'it is the way in',
    wrong: { path: '/api/auth/sign-in', body: { email: 'a@b.example', password: 'wrong' } },
  },
  'POST /api/auth/refresh': {
    open: 'the refresh token stands in for the access token that has ended',
    wrong: { path: '/api/auth/refresh', body: { refreshToken: 'guess' } },
  },
  'POST /api/invitations/look-up': {
    open: 'the invited has no account yet, but the secret of the link',
    wrong: { path: '/api/invitations/look-up', body: { token: 'guess' } },
  },
  'POST /api/invitations/accept': {
    open: 'the invited has no account yet, but the secret of the link',
    wrong: { path: '/api/invitations/accept', body: { token: 'guess', name: 'Eve', password: 'long enough for this' } },
  },
  'GET /api/meetings/code/:code': {
    open: 'whoever has a link sees what he is about to join',
    wrong: { path: '/api/meetings/code/aaa-aaaa-aaa' },
  },
  'POST /api/meetings/code/:code/guest': {
    open: 'guests come by link',
    wrong: { path: '/api/meetings/code/aaa-aaaa-aaa/guest', body: { name: 'Eve' } },
  },

  'POST /api/auth/sign-out': { own: { path: '/api/auth/sign-out' } },
  'GET /api/me': { own: { path: '/api/me' } },
  'GET /api/devices': { own: { path: '/api/devices' } },
  'POST /api/devices/sign-out-everywhere': { own: { path: '/api/devices/sign-out-everywhere' } },
  'GET /api/people': { own: { path: '/api/people' } },
  'GET /api/dlp/rules': { own: { path: '/api/dlp/rules' } },
  'POST /api/dlp/rules': { own: { path: '/api/dlp/rules', body: { name: 'Our own', action: 'warn', detectors: ['hkid'] } } },
  'POST /api/dlp/rules/test': {
    own: { path: '/api/dlp/rules/test', body: { rule: { name: 'Try', action: 'warn', patterns: [{ name: 'Any', pattern: '.' }] } } },
  },
  'PATCH /api/dlp/rules/:id': { names: ({ dlpRuleId }) => ({ path: `/api/dlp/rules/${dlpRuleId}`, body: { enabled: true } }) },
  'DELETE /api/dlp/rules/:id': { names: ({ dlpRuleId }) => ({ path: `/api/dlp/rules/${dlpRuleId}` }) },
  'GET /api/audit': { own: { path: '/api/audit' } },
  'GET /api/audit/verify': { own: { path: '/api/audit/verify' } },
  'GET /api/domains': { own: { path: '/api/domains' } },
  'POST /api/domains': { own: { path: '/api/domains', body: { name: 'Our own' } } },
  'PATCH /api/domains/:id': { names: ({ domainId }) => ({ path: `/api/domains/${domainId}`, body: { name: 'Mine now' } }) },
  'DELETE /api/domains/:id': { names: ({ domainId }) => ({ path: `/api/domains/${domainId}` }) },
  'GET /api/domain-rules': { own: { path: '/api/domain-rules' } },
  'POST /api/domain-rules': {
    names: ({ domainId }) => ({ path: '/api/domain-rules', body: { name: 'Mine', from: domainId, allow: true } }),
  },
  'PATCH /api/domain-rules/:id': { names: ({ domainRuleId }) => ({ path: `/api/domain-rules/${domainRuleId}`, body: { allow: false } }) },
  'DELETE /api/domain-rules/:id': { names: ({ domainRuleId }) => ({ path: `/api/domain-rules/${domainRuleId}` }) },
  'GET /api/people/:id/domains': { names: ({ personId }) => ({ path: `/api/people/${personId}/domains` }) },
  'PUT /api/people/:id/domains': { names: ({ personId }) => ({ path: `/api/people/${personId}/domains`, body: { domainIds: [] } }) },
  'PATCH /api/conversations/:id/domain': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/domain`, body: { domainId: null } }),
  },
  'GET /api/conversations/:id/guests': { names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/guests` }) },
  'POST /api/conversations/:id/guests': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/guests`, body: { email: 'eve@elsewhere.example' } }),
  },
  'GET /api/recordings': { own: { path: '/api/recordings' } },
  'GET /api/recordings/mine': { own: { path: '/api/recordings/mine' } },
  'GET /api/recordings/:id': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}` }) },
  'PATCH /api/recordings/:id': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}`, body: { title: 'Mine now' } }) },
  'POST /api/recordings/:id/retry': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/retry` }) },
  'DELETE /api/recordings/:id': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}` }) },
  'POST /api/recordings/:id/plays': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/plays` }) },
  'POST /api/recordings/:id/plays/:playId': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/plays/${recordingId}` }),
  },
  'GET /api/recordings/:id/hls/*': {
    open: 'players send no credentials but the cookie of a viewing',
    wrong: { path: '/api/recordings/00000000-0000-7000-8000-000000000000/hls/index.m3u8' },
  },
  'GET /api/recordings/:id/viewings': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/viewings` }) },
  'GET /api/recordings/:id/files/:name': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/files/meeting.mp4` }) },
  'POST /api/recordings/:id/downloads': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/downloads` }) },
  'GET /api/recordings/:id/downloads/:downloadId': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/downloads/${recordingId}` }),
  },
  'GET /api/recordings/:id/downloads/:downloadId/file': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/downloads/${recordingId}/file` }),
  },
  'POST /api/recording-downloads': {
    names: ({ recordingId }) => ({ path: '/api/recording-downloads', body: { recordingId, what: 'file', name: 'meeting.mp4' } }),
  },
  'GET /api/recording-downloads/:id': {
    open: 'a browser that downloads sends no token, but the cookie of the link',
    wrong: { path: '/api/recording-downloads/00000000-0000-7000-8000-000000000000' },
  },
  'GET /api/recordings/:id/shares': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/shares` }) },
  'POST /api/recordings/:id/shares': {
    names: ({ recordingId, personId }) => ({ path: `/api/recordings/${recordingId}/shares`, body: { kind: 'person', targetId: personId } }),
  },
  'DELETE /api/recordings/:id/shares/:shareId': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/shares/${recordingId}` }),
  },
  'POST /api/recording-links/open': {
    open: 'a visitor has no account, but the secret of the link',
    wrong: { path: '/api/recording-links/open', body: { secret: 'guess' } },
  },
  'POST /api/recording-links/:id/renew': {
    open: 'a visitor has the cookie of his visit',
    wrong: { path: '/api/recording-links/00000000-0000-7000-8000-000000000000/renew' },
  },
  'GET /api/recording-links/:id/transcript': {
    open: 'a visitor has the cookie of his visit',
    wrong: { path: '/api/recording-links/00000000-0000-7000-8000-000000000000/transcript' },
  },
  'GET /api/recording-links/:id/hls/*': {
    open: 'a visitor has the cookie of his visit',
    wrong: { path: '/api/recording-links/00000000-0000-7000-8000-000000000000/hls/index.m3u8' },
  },
  'GET /api/recording-links/:id/files/:name': {
    open: 'a visitor has the cookie of his visit',
    wrong: { path: '/api/recording-links/00000000-0000-7000-8000-000000000000/files/meeting.mp4' },
  },
  'GET /api/recordings/:id/comments': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/comments` }) },
  'POST /api/recordings/:id/comments': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/comments`, body: { text: 'Mine now' } }),
  },
  'DELETE /api/recordings/:id/comments/:commentId': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/comments/${recordingId}` }),
  },
  'GET /api/recordings/:id/reviews': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/reviews` }) },
  'POST /api/recordings/:id/reviews': {
    names: ({ recordingId, personId }) => ({ path: `/api/recordings/${recordingId}/reviews`, body: { reviewerId: personId } }),
  },
  'GET /api/recording-news': { own: { path: '/api/recording-news' } },
  'POST /api/recording-news/seen': {
    own: { path: '/api/recording-news/seen', body: { ids: [] } },
  },
  'GET /api/recording-reviews/mine': { own: { path: '/api/recording-reviews/mine' } },
  'GET /api/recording-reviews/:id': { names: ({ recordingId }) => ({ path: `/api/recording-reviews/${recordingId}` }) },
  'DELETE /api/recording-reviews/:id': { names: ({ recordingId }) => ({ path: `/api/recording-reviews/${recordingId}` }) },
  'POST /api/recording-reviews/:id/marks': {
    names: ({ recordingId }) => ({ path: `/api/recording-reviews/${recordingId}/marks`, body: { fromMs: 0, toMs: 1, label: 'Mine' } }),
  },
  'PUT /api/recording-reviews/:id/marks/:markId': {
    names: ({ recordingId }) => ({
      path: `/api/recording-reviews/${recordingId}/marks/${recordingId}`,
      body: { fromMs: 0, toMs: 1, label: 'Mine' },
    }),
  },
  'DELETE /api/recording-reviews/:id/marks/:markId': {
    names: ({ recordingId }) => ({ path: `/api/recording-reviews/${recordingId}/marks/${recordingId}` }),
  },
  'POST /api/recording-reviews/:id/finish': {
    names: ({ recordingId }) => ({ path: `/api/recording-reviews/${recordingId}/finish`, body: { outcome: 'cleared' } }),
  },
  'GET /api/recording-reviews/:id/report.pdf': {
    names: ({ recordingId }) => ({ path: `/api/recording-reviews/${recordingId}/report.pdf` }),
  },
  'GET /api/recordings/:id/edits': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/edits` }) },
  'POST /api/recordings/:id/edits': {
    names: ({ recordingId }) => ({
      path: `/api/recordings/${recordingId}/edits`,
      body: { what: 'redact', fromMs: 0, toMs: 1, reason: 'Mine' },
    }),
  },
  'POST /api/recordings/:id/edits/:editId/undo': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/edits/${recordingId}/undo`, body: { reason: 'Mine' } }),
  },
  'GET /api/recording-originals': { own: { path: '/api/recording-originals' } },
  'PUT /api/recording-originals': { own: { path: '/api/recording-originals', body: { days: 30 } } },
  'GET /api/recordings/:id/retention': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/retention` }) },
  'PATCH /api/recordings/:id/retention': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/retention`, body: { keepDays: 1 } }),
  },
  'GET /api/recording-quota': { own: { path: '/api/recording-quota' } },
  'PUT /api/recording-quota': { own: { path: '/api/recording-quota', body: { bytes: null } } },
  'GET /api/recording-policies': { own: { path: '/api/recording-policies' } },
  'PUT /api/recording-policies': { own: { path: '/api/recording-policies', body: policyBody } },
  'GET /api/recordings/:id/consent': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/consent` }) },
  'POST /api/recordings/:id/consent/withdraw': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/consent/withdraw`, body: { everything: true } }),
  },
  'GET /api/recordings/evidence-key': { own: { path: '/api/recordings/evidence-key' } },
  'GET /api/recordings/:id/manifest': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/manifest` }) },
  'GET /api/recordings/:id/evidence.zip': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/evidence.zip` }) },
  'GET /api/recordings/:id/summary': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/summary` }) },
  'PUT /api/recordings/:id/summary': {
    names: ({ recordingId }) => ({
      path: `/api/recordings/${recordingId}/summary`,
      body: { number: 1, overview: [], topics: [], decisions: [], questions: [] },
    }),
  },
  'POST /api/recordings/:id/summary/again': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/summary/again` }) },
  'POST /api/recordings/:id/summary/post': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/summary/post`, body: { number: 1 } }),
  },
  'POST /api/recordings/:id/action-items': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/action-items`, body: { what: 'Do it' } }),
  },
  'GET /api/recordings/:id/transcript': { names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/transcript` }) },
  'PATCH /api/recordings/:id/transcript/:lineId': {
    names: ({ recordingId }) => ({ path: `/api/recordings/${recordingId}/transcript/${recordingId}`, body: { text: 'Mine now' } }),
  },
  'GET /api/captions/languages': { own: { path: '/api/captions/languages' } },
  'GET /api/captions/settings': { own: { path: '/api/captions/settings' } },
  'PUT /api/captions/settings': {
    own: {
      path: '/api/captions/settings',
      body: { language: null, script: 'hant', profanityFilter: false, glossary: [{ term: 'Causeway' }] },
    },
  },
  'POST /api/action-items/:id/confirm': { names: ({ recordingId }) => ({ path: `/api/action-items/${recordingId}/confirm` }) },
  'POST /api/action-items/:id/dismiss': { names: ({ recordingId }) => ({ path: `/api/action-items/${recordingId}/dismiss` }) },
  'POST /api/action-items/:id/done': { names: ({ recordingId }) => ({ path: `/api/action-items/${recordingId}/done` }) },
  'GET /api/action-items/mine': { own: { path: '/api/action-items/mine' } },
  'PATCH /api/action-items/:id': { names: ({ recordingId }) => ({ path: `/api/action-items/${recordingId}`, body: { state: 'done' } }) },
  'GET /api/retention': { own: { path: '/api/retention' } },
  'PATCH /api/retention': { own: { path: '/api/retention', body: { minimum: { days: 30, reason: 'ours' } } } },
  'PUT /api/retention/organisation': { own: { path: '/api/retention/organisation', body: { days: 30 } } },
  'PUT /api/retention/domains/:id': { names: ({ domainId }) => ({ path: `/api/retention/domains/${domainId}`, body: { days: 1 } }) },
  'DELETE /api/retention/domains/:id': { names: ({ domainId }) => ({ path: `/api/retention/domains/${domainId}` }) },
  'GET /api/retention/conversations/:id': {
    names: ({ conversationId }) => ({ path: `/api/retention/conversations/${conversationId}` }),
  },
  'PUT /api/retention/conversations/:id': {
    names: ({ conversationId }) => ({ path: `/api/retention/conversations/${conversationId}`, body: { days: 1 } }),
  },
  'DELETE /api/retention/conversations/:id': {
    names: ({ conversationId }) => ({ path: `/api/retention/conversations/${conversationId}` }),
  },
  'GET /api/holds': { own: { path: '/api/holds' } },
  'POST /api/holds': {
    names: ({ conversationId }) => ({
      path: '/api/holds',
      body: { name: 'Mine', matter: 'Mine', reason: 'Mine', conversationIds: [conversationId] },
    }),
  },
  'POST /api/holds/:id/release': { names: ({ holdId }) => ({ path: `/api/holds/${holdId}/release`, body: { reason: 'Mine' } }) },
  'GET /api/exports': { own: { path: '/api/exports' } },
  'POST /api/exports': { names: ({ personId }) => ({ path: '/api/exports', body: { personIds: [personId] } }) },
  'GET /api/exports/:id': { names: ({ exportId }) => ({ path: `/api/exports/${exportId}` }) },
  'GET /api/exports/:id/file': { names: ({ exportId }) => ({ path: `/api/exports/${exportId}/file` }) },
  'DELETE /api/exports/:id': { names: ({ exportId }) => ({ path: `/api/exports/${exportId}` }) },
  'GET /api/guests': { own: { path: '/api/guests' } },
  'DELETE /api/guests/:id': { names: ({ guestId }) => ({ path: `/api/guests/${guestId}` }) },
  'GET /api/invitations': { own: { path: '/api/invitations' } },
  'POST /api/invitations': { own: { path: '/api/invitations', body: { email: 'new@elsewhere.example' } } },
  'GET /api/conversations': { own: { path: '/api/conversations' } },
  'POST /api/conversations': { own: { path: '/api/conversations', body: { kind: 'direct' } } },
  'POST /api/meetings': { own: { path: '/api/meetings', body: { title: 'Our own' } } },
  'GET /api/meetings': { own: { path: '/api/meetings' } },

  'DELETE /api/devices/:id': { names: ({ deviceId }) => ({ path: `/api/devices/${deviceId}` }) },
  'DELETE /api/invitations/:id': { names: ({ invitationId }) => ({ path: `/api/invitations/${invitationId}` }) },
  'GET /api/conversations/:id': { names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}` }) },
  'PATCH /api/conversations/:id': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}`, body: { title: 'Mine now' } }),
  },
  'GET /api/conversations/:id/members': { names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/members` }) },
  'POST /api/conversations/:id/members': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/members`, body: { personIds: [newId()] } }),
  },
  'PATCH /api/conversations/:id/members/:personId': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/members/${newId()}`, body: { role: 'admin' } }),
  },
  'DELETE /api/conversations/:id/members/:personId': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/members/${newId()}` }),
  },
  'PATCH /api/conversations/:id/mine': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/mine`, body: { notify: 'nothing' } }),
  },
  'GET /api/conversations/:id/messages': { names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/messages` }) },
  'POST /api/conversations/:id/messages': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/messages`, body: { body: 'hello there' } }),
  },
  'GET /api/conversations/:id/messages/:number/history': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/messages/1/history` }),
  },
  'GET /api/meetings/:id': { names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}` }) },
  'PATCH /api/meetings/:id': { names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}`, body: { title: 'Mine now' } }) },
  'DELETE /api/meetings/:id': { names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}` }) },
  'GET /api/meetings/:id/agenda': { names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}/agenda` }) },
  'PUT /api/meetings/:id/agenda': {
    names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}/agenda`, body: { revision: 0, items: [] } }),
  },
  'POST /api/meetings/:id/end': { names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}/end` }) },
  'GET /api/meetings/:id/attendance': { names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}/attendance` }) },
  'GET /api/meetings/:id/quality': { names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}/quality` }) },
  'GET /api/meetings/:id/messages': { names: ({ meetingId }) => ({ path: `/api/meetings/${meetingId}/messages` }) },
  'POST /api/uploads': {
    names: ({ conversationId }) => ({
      path: '/api/uploads',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': '5',
        'upload-metadata': `conversationId ${Buffer.from(conversationId).toString('base64')}`,
      },
    }),
  },
  'GET /api/uploads/:id': { names: ({ attachmentId }) => ({ path: `/api/uploads/${attachmentId}` }) },
  'PATCH /api/uploads/:id': { names: ({ attachmentId }) => ({ path: `/api/uploads/${attachmentId}` }) },
  'DELETE /api/uploads/:id': { names: ({ attachmentId }) => ({ path: `/api/uploads/${attachmentId}` }) },
  'GET /api/attachments/:id': { names: ({ attachmentId }) => ({ path: `/api/attachments/${attachmentId}` }) },
  'GET /api/attachments/:id/preview': { names: ({ attachmentId }) => ({ path: `/api/attachments/${attachmentId}/preview` }) },

  'GET /api/apps': { own: { path: '/api/apps' } },
  'GET /api/apps/names': { own: { path: '/api/apps/names' } },
  'POST /api/apps': { own: { path: '/api/apps', body: { name: 'Our own', scopes: ['messages:read'] } } },
  'GET /api/apps/:id': { names: ({ appId }) => ({ path: `/api/apps/${appId}` }) },
  'PATCH /api/apps/:id': { names: ({ appId }) => ({ path: `/api/apps/${appId}`, body: { disabled: true } }) },
  'POST /api/apps/:id/secret': { names: ({ appId }) => ({ path: `/api/apps/${appId}/secret` }) },
  'POST /api/oauth/token': { open: 'the secret of the app is in the request; its refusals are those of RFC 6749' },
  'GET /api/oauth/authorize': {
    names: ({ appId }) => ({ path: `/api/oauth/authorize?response_type=code&client_id=${appId}&redirect_uri=https://erp.example/cb` }),
  },
  'POST /api/oauth/authorize': {
    names: ({ appId }) => ({
      path: '/api/oauth/authorize',
      body: { response_type: 'code', client_id: appId, redirect_uri: 'https://erp.example/cb', allow: true },
    }),
  },
  'GET /api/incoming-webhooks': { own: { path: '/api/incoming-webhooks' } },
  'POST /api/incoming-webhooks': {
    names: ({ appId, conversationId }) => ({ path: '/api/incoming-webhooks', body: { name: 'Mine', appId, conversationId } }),
  },
  'PATCH /api/incoming-webhooks/:id': {
    names: ({ incomingWebhookId }) => ({ path: `/api/incoming-webhooks/${incomingWebhookId}`, body: { disabled: true } }),
  },
  'POST /api/incoming-webhooks/:id/secret': {
    names: ({ incomingWebhookId }) => ({ path: `/api/incoming-webhooks/${incomingWebhookId}/secret` }),
  },
  'DELETE /api/incoming-webhooks/:id': { names: ({ incomingWebhookId }) => ({ path: `/api/incoming-webhooks/${incomingWebhookId}` }) },
  'POST /api/hooks/:secret': {
    open: 'the secret of the address stands in for a sign-in',
    wrong: { path: '/api/hooks/guess', body: { text: 'hello' } },
  },
  'GET /api/outgoing-webhooks': { own: { path: '/api/outgoing-webhooks' } },
  'POST /api/outgoing-webhooks': {
    names: ({ appId }) => ({ path: '/api/outgoing-webhooks', body: { name: 'Mine', appId, url: 'https://93.184.216.34/' } }),
  },
  'GET /api/outgoing-webhooks/:id': { names: ({ outgoingWebhookId }) => ({ path: `/api/outgoing-webhooks/${outgoingWebhookId}` }) },
  'PATCH /api/outgoing-webhooks/:id': {
    names: ({ outgoingWebhookId }) => ({ path: `/api/outgoing-webhooks/${outgoingWebhookId}`, body: { disabled: true } }),
  },
  'POST /api/outgoing-webhooks/:id/secret': {
    names: ({ outgoingWebhookId }) => ({ path: `/api/outgoing-webhooks/${outgoingWebhookId}/secret` }),
  },
  'DELETE /api/outgoing-webhooks/:id': { names: ({ outgoingWebhookId }) => ({ path: `/api/outgoing-webhooks/${outgoingWebhookId}` }) },
  'GET /api/outgoing-webhooks/:id/deliveries': {
    names: ({ outgoingWebhookId }) => ({ path: `/api/outgoing-webhooks/${outgoingWebhookId}/deliveries` }),
  },
  'POST /api/outgoing-webhooks/:id/replay': {
    names: ({ outgoingWebhookId }) => ({ path: `/api/outgoing-webhooks/${outgoingWebhookId}/replay`, body: {} }),
  },
  'GET /api/slash-commands': { own: { path: '/api/slash-commands' } },
  'POST /api/slash-commands': {
    names: ({ appId }) => ({ path: '/api/slash-commands', body: { name: 'mine', appId, url: 'https://93.184.216.34/' } }),
  },
  'PATCH /api/slash-commands/:id': {
    names: ({ slashCommandId }) => ({ path: `/api/slash-commands/${slashCommandId}`, body: { disabled: true } }),
  },
  'POST /api/slash-commands/:id/secret': { names: ({ slashCommandId }) => ({ path: `/api/slash-commands/${slashCommandId}/secret` }) },
  'DELETE /api/slash-commands/:id': { names: ({ slashCommandId }) => ({ path: `/api/slash-commands/${slashCommandId}` }) },
  'POST /api/conversations/:id/commands': {
    names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/commands`, body: { command: 'me', text: 'was here' } }),
  },

  'GET /api/push/key': { own: { path: '/api/push/key' } },
  'POST /api/push/subscriptions': {
    notInMeetings: true,
    own: {
      path: '/api/push/subscriptions',
      body: {
        endpoint: 'https://93.184.216.34/push/of-a-device',
        keys: {
          p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
          auth: 'BTBZMqHH6r4Tts7J_aSIgg',
        },
      },
    },
  },
  'DELETE /api/push/subscriptions': { own: { path: '/api/push/subscriptions' } },
  'GET /api/notification-settings': { own: { path: '/api/notification-settings' } },
  'PATCH /api/notification-settings': { notInMeetings: true, own: { path: '/api/notification-settings', body: { email: false } } },
  'GET /api/notification-policy': { own: { path: '/api/notification-policy' } },
  'PATCH /api/notification-policy': { own: { path: '/api/notification-policy', body: { privacy: 'names' } } },
  'GET /api/search/messages': { names: ({ conversationId }) => ({ path: `/api/search/messages?q=secret&conversation=${conversationId}` }) },
  'GET /api/conversations/:id/scheduled': { names: ({ conversationId }) => ({ path: `/api/conversations/${conversationId}/scheduled` }) },
  'POST /api/conversations/:id/scheduled': {
    names: ({ conversationId }) => ({
      path: `/api/conversations/${conversationId}/scheduled`,
      body: { body: 'later', sendAt: new Date(Date.now() + 86_400_000).toISOString() },
    }),
  },
  'GET /api/scheduled/:id': { names: ({ scheduledId }) => ({ path: `/api/scheduled/${scheduledId}` }) },
  'PATCH /api/scheduled/:id': { names: ({ scheduledId }) => ({ path: `/api/scheduled/${scheduledId}`, body: { body: 'mine now' } }) },
  'DELETE /api/scheduled/:id': { names: ({ scheduledId }) => ({ path: `/api/scheduled/${scheduledId}` }) },
};

let scene: Scene;
beforeAll(async () => {
  scene = await twoOrganisations();
});
afterAll(() => scene?.server.close());

const methodOf = (route: string): string => route.split(' ')[0] ?? '';
const accessOf = (route: string) => scene.server.server.routes().find(({ method, url }) => `${method} ${url}` === route)?.access;
const callOf = (one: RouteCase): Call | undefined => ('open' in one ? one.wrong : 'own' in one ? one.own : one.names(scene.first.things));

function expectRefused(answer: Answer, language: (typeof languages)[number]): string {
  expect(answer.body).toEqual({
    error: expect.objectContaining({ code: expect.any(String), message: expect.any(String), retryable: expect.any(Boolean) }),
  });
  const { error } = answer.body as { error: { code: string; message: string } };
  expectRefusal(error, language, answer.status);
  return error.code;
}

describe('Every HTTP route', () => {
  it('is known to this test, and those for anybody are marked so on both sides', () => {
    const served = scene.server.server.routes();
    expect(served.map(({ method, url }) => `${method} ${url}`).sort()).toEqual(Object.keys(routes).sort());
    expect(
      served
        .filter(({ access }) => access === 'public')
        .map(({ method, url }) => `${method} ${url}`)
        .sort(),
    ).toEqual(
      Object.keys(routes)
        .filter((route) => 'open' in routes[route]!)
        .sort(),
    );
  });

  for (const [route, one] of Object.entries(routes)) {
    const call = async (token?: string, language?: string) => {
      const { path, body, headers = {} }: Call = callOf(one) ?? { path: '' };
      return scene.server.api(methodOf(route), path, body, token, { headers, ...(language === undefined ? {} : { language }) });
    };

    if ('open' in one) {
      if (one.wrong)
        it(`${route} refuses what is wrong in three languages, though it is open: ${one.open}`, async () => {
          for (const language of languages) expectRefused(await call(undefined, language), language);
        });
      continue;
    }

    it(`${route} refuses who is not signed in, in three languages`, async () => {
      for (const language of languages) {
        const answer = await call(undefined, language);
        expect([answer.status, expectRefused(answer, language)]).toEqual([401, 'AUTH_REQUIRED']);
      }
      for (const token of ['nonsense', 'eyJhbGciOiJub25lIn0.e30.', `${scene.olivia.accessToken}x`])
        expect((await call(token)).status).toBe(401);
    });

    it(`${route} gives nothing of one organisation to another`, async () => {
      const before = await scene.rows();
      const { accessToken } = await scene.stranger();
      if ('names' in one) {
        // As if it were not there; a complaint about the input would mean that nobody looked.
        for (const language of languages)
          expect(expectRefused(await call(accessToken, language), language)).toMatch(/NOT_FOUND$|NO_DEVICE$|^INVITATION_INVALID$/);
      } else {
        const answer = await call(accessToken);
        expect(answer.status).toBe(200);
        expectNothingOf(JSON.stringify(answer.body), [
          ...Object.values(scene.first.things),
          scene.olivia.person.organisation.id,
          'Harbour',
          'Olivia',
          'Ana',
          'Secret plans',
          'a secret',
        ]);
      }
      expect(await scene.rows()).toEqual(before);
    });

    it(`${route} gives a guest nothing of other meetings`, async () => {
      const { accessToken } = await scene.guest();
      const before = await scene.rows();
      if (accessOf(route) === 'guest' && 'names' in one) {
        for (const language of languages) expect(expectRefused(await call(accessToken, language), language)).toMatch(/NOT_FOUND$/);
      } else if (accessOf(route) === 'guest' && !('own' in one && one.notInMeetings)) {
        const answer = await call(accessToken);
        expect(answer.status).toBe(200);
        expectNothingOf(JSON.stringify(answer.body), [...Object.values(scene.first.things), 'Olivia', 'Ana', 'Secret plans', 'a secret']);
      } else {
        for (const language of languages) expect(expectRefused(await call(accessToken, language), language)).toBe('AUTH_FORBIDDEN');
      }
      expect(await scene.rows()).toEqual(before);
    });
  }

  it('refuses addresses and bodies that are not there in the catalogue’s words, too', async () => {
    for (const language of languages) {
      expect(expectRefused(await scene.server.api('GET', '/api/nowhere', undefined, undefined, { language }), language)).toBe(
        'ROUTE_NOT_FOUND',
      );
      expect(
        expectRefused(
          await scene.server.api('GET', '/api/meetings/not-an-id', undefined, scene.olivia.accessToken, { language }),
          language,
        ),
      ).toBe('REQUEST_INVALID');
      const answer = await scene.server.api('POST', '/api/meetings', { title: '' }, scene.olivia.accessToken, { language });
      expect(answer.body).toMatchObject({ error: { code: 'REQUEST_INVALID', field: 'title' } });
      expectRefused(answer, language);
    }
  });
});

function expectNothingOf(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) expect(text).not.toContain(secret);
}
