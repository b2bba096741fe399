/** Who calls. Made from an access token, checked on every request and every socket. */
export type OrganisationRole = 'owner' | 'admin' | 'member' | 'guest' | 'app';

export interface Principal {
  readonly orgId: string;
  /** The account, or the guest, behind the call. */
  readonly personId: string;
  readonly name: string;
  readonly role: OrganisationRole;
  /** The device's sign-in. Revoking it ends its tokens and cuts its sockets. */
  readonly signInId: string;
  /** A guest of a meeting may enter it and nothing else. A guest without one was invited to conversations. */
  readonly guestOf?: string;
  /** What an app may do, such as `messages:write`; only apps have it. */
  readonly scopes?: readonly string[];
  /** When the access token ends, milliseconds since 1970. */
  readonly expiresAt: number;
}
