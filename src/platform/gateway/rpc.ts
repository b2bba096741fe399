/**
 * Calls over the socket. A service is declared in `proto/`, its handlers are registered with the
 * gateway, and the handlers' types follow from the generated service class: a method that is
 * missing, or one that answers the wrong message, does not compile.
 */
import type { causeway } from '#proto';
import type { Session } from './session.js';

/** The services of `proto/causeway/*.proto`. */
export interface Services {
  SessionService: causeway.SessionService;
  MeetingService: causeway.MeetingService;
  MediaService: causeway.MediaService;
  ChatService: causeway.ChatService;
  RecordingService: causeway.RecordingService;
}
export type ServiceName = keyof Services;

interface Rpc {
  readonly requestType: keyof typeof causeway;
  readonly responseType: keyof typeof causeway;
}
type RpcNames<Service> = { [Name in keyof Service]: Service[Name] extends Rpc ? Name : never }[keyof Service];
type Message<Name> = Name extends keyof typeof causeway ? (typeof causeway)[Name] : never;
type Decoded<Name> = Message<Name> extends abstract new (...args: never[]) => infer Instance ? Instance : never;
type Properties<Name> = Message<Name> extends abstract new (properties?: infer Plain) => unknown ? NonNullable<Plain> : never;

/** One handler for each rpc of the service. What it throws reaches the caller as an Error of the catalogue. */
export type Handlers<Name extends ServiceName> = {
  readonly [Method in RpcNames<Services[Name]>]: Services[Name][Method] extends Rpc
    ? (
        session: Session,
        request: Decoded<Services[Name][Method]['requestType']>,
      ) => Promise<Properties<Services[Name][Method]['responseType']>>
    : never;
};
