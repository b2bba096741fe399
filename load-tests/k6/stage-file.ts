/** What the command leaves for the script: where the server is, and who there is. */

/** Signs in over HTTP, or has a token already. */
export type Somebody = { readonly email: string; readonly password: string } | { readonly accessToken: string };

export interface StageFile {
  readonly url: string;
  readonly gatewayUrl: string;
  /** False: the server's clock is another one, and is compared. */
  readonly sameClock: boolean;
  readonly people: readonly Somebody[];
  /** In the order of `groupOf`. */
  readonly groups: readonly { readonly conversationId?: string; readonly meetingId?: string }[];
}
