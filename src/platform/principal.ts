/** Who calls. Made from an access token, checked on every request and every socket. */
export type OrganisationRole = 'owner' | 'admin' | 'member' | 'guest';

export interface Principal {
  readonly orgId: string;
  /** The account, or the guest, behind the call. */
  readonly personId: string;
  readonly name: string;
  readonly role: OrganisationRole;
  /** The device's sign-in. Revoking it ends its tokens and cuts its sockets. */
  readonly signInId: string;
  /** A guest may enter this meeting and nothing else. */
  readonly guestOf?: string;
  /** When the access token ends, milliseconds since 1970. */
  readonly expiresAt: number;
}
