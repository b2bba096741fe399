/** A small server that plays OpenAI's protocol, as tests want it to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';

const askedSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  response_format: z.object({ type: z.string() }).optional(),
  max_tokens: z.number(),
});

export type Asked = z.output<typeof askedSchema>;

/** What is answered to the n-th request: the model's text, or something that is done with the connection. */
export type Play = (asked: Asked, number: number, response: ServerResponse) => string | undefined;

export class ModelServer {
  readonly asked: Asked[] = [];
  readonly keys: (string | undefined)[] = [];
  play: Play = () => '';
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<ModelServer> {
    const server = new ModelServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/v1`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url !== '/v1/chat/completions' || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const asked = askedSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    this.asked.push(asked);
    this.keys.push(request.headers.authorization);
    const text = this.play(asked, this.asked.length, response);
    // It has answered, or never will.
    if (text === undefined) return;
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: text } }] }));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
