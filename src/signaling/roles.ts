/** Roles as the records keep them, and as they look on the wire: in a webinar an attendee is a viewer. */
import { causeway } from '#proto';
import type { StageRole } from './audience.js';
import type { MemberRole } from './meeting-records.js';

const { Role, MeetingKind } = causeway;

const ofMeeting = {
  host: Role.ROLE_HOST,
  'co-host': Role.ROLE_CO_HOST,
  presenter: Role.ROLE_ATTENDEE,
  attendee: Role.ROLE_ATTENDEE,
} as const;
const ofWebinar = { ...ofMeeting, presenter: Role.ROLE_PRESENTER, attendee: Role.ROLE_VIEWER } as const;
const members: readonly MemberRole[] = ['host', 'co-host', 'attendee', 'presenter'];

export function toRole(kind: causeway.MeetingKind, role: MemberRole): causeway.Role {
  return kind === MeetingKind.MEETING_KIND_WEBINAR ? ofWebinar[role] : ofMeeting[role];
}

/** Undefined: there is no such role in this kind of meeting. */
export function toMemberRole(kind: causeway.MeetingKind, role: causeway.Role): MemberRole | undefined {
  return members.find((member) => toRole(kind, member) === role);
}

export function isStageRole(role: causeway.Role): role is StageRole {
  return role !== Role.ROLE_VIEWER && role !== Role.ROLE_UNSPECIFIED;
}

/** Hosts give every role; a co-host brings viewers on stage and back, which ordinary meetings don't know. */
export function mayGive(actor: causeway.Role, before: causeway.Role, after: causeway.Role): boolean {
  if (actor === Role.ROLE_HOST) return true;
  const between = (role: causeway.Role) => role === Role.ROLE_PRESENTER || role === Role.ROLE_VIEWER;
  return actor === Role.ROLE_CO_HOST && between(before) && between(after);
}
