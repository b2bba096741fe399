/** An ERP's server as tests need it: takes deliveries, checks their signature, and misbehaves when told to. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';

const payloadSchema = z.looseObject({
  id: z.string(),
  event: z.string(),
  conversation: z.looseObject({ id: z.string() }),
  number: z.number().optional(),
  actor: z.looseObject({ id: z.string(), name: z.string() }).nullable().optional(),
  message: z.looseObject({ number: z.number(), body: z.string(), sender: z.looseObject({ name: z.string() }) }).optional(),
});
export type Payload = z.output<typeof payloadSchema>;

export interface Delivery {
  readonly payload: Payload;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  /** What it was answered. */
  readonly status: number;
}

/** Gives the status of the answer, or writes one of its own. */
type Behaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  delivery: Omit<Delivery, 'status'>,
) => number | undefined | Promise<number | undefined>;

export class Receiver {
  /** In the order in which they came, those that were refused too. */
  readonly deliveries: Delivery[] = [];
  readonly #server: Server;
  #behaviour: Behaviour = () => 200;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => void receiver.#take(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('The receiver does not listen.');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Those that it has taken. */
  get taken(): Delivery[] {
    return this.deliveries.filter(({ status }) => status === 200);
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // The sender was killed in the middle.
      return;
    }
    const body = Buffer.concat(chunks).toString();
    const delivery = { payload: payloadSchema.parse(JSON.parse(body)), body, headers: request.headers };
    const status = await this.#behaviour(request, response, delivery);
    this.deliveries.push({ ...delivery, status: status ?? response.statusCode });
    if (status !== undefined && !response.headersSent) response.writeHead(status).end();
  }
}

/** As a receiver checks it (docs/chat/bots.md). */
export function isSignedBy(secret: string, { headers, body }: Pick<Delivery, 'headers' | 'body'>, toleranceSeconds = 300): boolean {
  const [, time = '', mac = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['causeway-signature'])) ?? [];
  const fresh = Math.abs(Date.now() / 1000 - Number(time)) <= toleranceSeconds;
  return fresh && createHmac('sha256', secret).update(`${time}.${body}`).digest('hex') === mac;
}
