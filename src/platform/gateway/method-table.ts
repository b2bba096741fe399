/**
 * Every rpc of the proto by the name that it has on the wire, with its codec and its handler.
 *
 * The generated service classes carry the metadata: `MeetingService.prototype.join.path` is
 * "/causeway.MeetingService/Join". What `Handlers` promises the compiler is checked here once
 * more at the start, since names meet by string.
 */
import { causeway } from '#proto';
import type { Handlers, ServiceName } from './rpc.js';
import type { Session } from './session.js';

export interface Method {
  /** "MeetingService.Join" */
  readonly name: string;
  readonly request: MessageType;
  readonly reply: MessageType;
  handle(session: Session, request: object): Promise<object>;
}

export interface MessageType {
  decode(bytes: Uint8Array): object;
  encode(message: object): { finish(): Uint8Array };
}

/** Handles a request elsewhere, or by the method's own handler. */
export type Route = (method: Method, session: Session, request: object) => Promise<object>;

interface RpcMetadata {
  readonly path: string;
  readonly requestType: string;
  readonly responseType: string;
}

const services: Readonly<Record<ServiceName, object>> = {
  SessionService: causeway.SessionService.prototype,
  MeetingService: causeway.MeetingService.prototype,
  MediaService: causeway.MediaService.prototype,
  ChatService: causeway.ChatService.prototype,
  RecordingService: causeway.RecordingService.prototype,
};

export class MethodTable {
  readonly #methods = new Map<string, Method>();

  register<Name extends ServiceName>(service: Name, handlers: Handlers<Name>, route?: Route): void {
    for (const [key, rpc] of rpcsOf(services[service])) {
      const name = methodName(rpc);
      if (this.#methods.has(name)) throw new Error(`${name} has a handler already`);
      const handler: unknown = Reflect.get(handlers, key);
      if (!isHandler(handler)) throw new Error(`${name} has no handler`);
      const method: Method = {
        name,
        request: messageType(rpc.requestType),
        reply: messageType(rpc.responseType),
        handle: (session, request) => handler.call(handlers, session, request),
      };
      this.#methods.set(name, route ? { ...method, handle: (session, request) => route(method, session, request) } : method);
    }
  }

  find(name: string): Method | undefined {
    return this.#methods.get(name);
  }

  names(): string[] {
    return [...this.#methods.keys()];
  }

  /** @throws Error that names every rpc of the proto without a handler. */
  assertComplete(): void {
    const missing = Object.values(services)
      .flatMap((service) => rpcsOf(service).map(([, rpc]) => methodName(rpc)))
      .filter((name) => !this.#methods.has(name));
    if (missing.length > 0) throw new Error(`no handler for ${missing.join(', ')}`);
  }
}

function rpcsOf(service: object): [key: string, rpc: RpcMetadata][] {
  return Object.keys(service).flatMap((key): [string, RpcMetadata][] => {
    const rpc: unknown = Reflect.get(service, key);
    return isRpc(rpc) ? [[key, rpc]] : [];
  });
}

/** "/causeway.MeetingService/Join" is "MeetingService.Join" on the wire. */
function methodName({ path }: RpcMetadata): string {
  return path.replace(/^\/causeway\./, '').replace('/', '.');
}

function messageType(name: string): MessageType {
  const type: unknown = Reflect.get(causeway, name);
  if (!isMessageType(type)) throw new Error(`the generated code has no message ${name}`);
  return type;
}

function isRpc(value: unknown): value is RpcMetadata {
  return typeof value === 'function' && 'path' in value && 'requestType' in value && 'responseType' in value;
}

function isMessageType(value: unknown): value is MessageType {
  return typeof value === 'function' && 'decode' in value && 'encode' in value;
}

function isHandler(value: unknown): value is (this: unknown, session: Session, request: object) => Promise<object> {
  return typeof value === 'function';
}
