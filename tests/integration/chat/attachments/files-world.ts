/** Files over real HTTP, a real database and a real store, with people written into the database. */
import { randomUUID } from 'node:crypto';
import { type AttachmentPart, type AttachmentPartDeps, openAttachments } from '../../../../src/chat/attachments/index.js';
import { Members } from '../../../../src/chat/members.js';
import type { Message } from '../../../../src/chat/message.js';
import type { ConversationFace, Guard, Intended } from '../../../../src/chat/ports.js';
import type { Config } from '../../../../src/config.js';
import { type BlobStore, openBlobs } from '../../../../src/platform/blobs/index.js';
import { CausewayError } from '../../../../src/platform/errors.js';
import { createHttp, type Http } from '../../../../src/platform/http/index.js';
import { type Jobs, openJobs } from '../../../../src/platform/jobs/index.js';
import { createMetrics } from '../../../../src/platform/metrics.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { Api } from '../../../support/api.js';
import { type TemporaryFolder, temporaryFolder, testConfig, testLog } from '../../../support/index.js';
import { Office } from '../office.js';

export interface FilesOptions {
  readonly config?: Partial<Config>;
  readonly held?: AttachmentPartDeps['held'];
}

/** One server; a token is the id of a person. */
export class FilesNode extends Api {
  readonly part: AttachmentPart;
  readonly #http: Http;

  constructor(port: number, part: AttachmentPart, http: Http) {
    super(() => ({ url: `http://127.0.0.1:${port}`, setupPath: null }));
    this.part = part;
    this.#http = http;
  }

  async close(): Promise<void> {
    await this.#http.close();
    await this.part.close();
  }
}

export class FilesWorld {
  readonly people = new Map<string, Principal>();
  /** What guards are asked; throw here to refuse. */
  readonly asked: Intended[] = [];
  refuse: (intended: Intended) => void = () => undefined;
  readonly #nodes: FilesNode[] = [];

  private constructor(
    readonly office: Office,
    readonly blobs: BlobStore,
    readonly jobs: Jobs,
    readonly members: Members,
    readonly node: FilesNode,
    readonly folder: TemporaryFolder,
    private readonly options: FilesOptions,
  ) {}

  static async open(options: FilesOptions = {}): Promise<FilesWorld> {
    const office = await Office.open();
    const folder = await temporaryFolder();
    const blobs = await openBlobs(testConfig({ DATA_DIR: folder.path, ...options.config }), testLog());
    const jobs = await openJobs({ database: office.database, log: testLog(), pollMs: 50 });
    const members = new Members({ database: office.database, clock: office.clock, shared: false, tellOthers: () => undefined });
    const world: { made?: FilesWorld } = {};
    const node = await startNode(office, blobs, jobs, members, options, () => world.made);
    world.made = new FilesWorld(office, blobs, jobs, members, node, folder, options);
    world.made.#nodes.push(node);
    return world.made;
  }

  /** One more server over the same database and store. */
  async anotherNode(): Promise<FilesNode> {
    const node = await startNode(this.office, this.blobs, this.jobs, this.members, this.options, () => this);
    this.#nodes.push(node);
    return node;
  }

  async person(name: string): Promise<Principal> {
    const principal = await this.office.person(name);
    this.people.set(principal.personId, principal);
    return principal;
  }

  /** Sends uploaded files with a message, in the order of Chat.send. */
  async send(principal: Principal, conversation: ConversationFace, ids: readonly string[]): Promise<Message> {
    const { desk } = this.node.part;
    return this.store(principal, conversation, await desk.forMessage(principal, conversation.id, ids));
  }

  async store(
    principal: Principal,
    conversation: ConversationFace,
    attachments: NonNullable<Message['extra']>['attachments'] = [],
  ): Promise<Message> {
    const extra = { attachments };
    const number = await this.office.write(conversation.id, principal, 'see the file', extra);
    const message: Message = {
      orgId: principal.orgId,
      conversationId: conversation.id,
      senderId: principal.personId,
      senderName: principal.name,
      clientId: randomUUID(),
      body: 'see the file',
      kind: 'text',
      thread: null,
      replyTo: null,
      mentions: [],
      mentionsAll: false,
      urgent: false,
      byApp: false,
      extra,
      number,
      sentAt: new Date(),
      changed: number,
      editedAt: null,
      recalledAt: null,
      pinnedAt: null,
      reactions: {},
      replies: 0,
    };
    await this.office.database.transaction((tx) => this.node.part.desk.attach(tx, message));
    return message;
  }

  async recall(message: Message): Promise<void> {
    await this.office.database.transaction(async (tx) => {
      await tx.query('update messages set recalled_at = now() where conversation_id = $1 and number = $2', [
        message.conversationId,
        message.number,
      ]);
      await this.node.part.desk.drop(tx, message);
    });
  }

  /** Keys of all blobs. */
  async stored(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.blobs.list('attachments/')) keys.push(key);
    return keys;
  }

  async close(): Promise<void> {
    for (const node of this.#nodes) await node.close();
    await this.jobs.close();
    await this.blobs.close();
    await this.office.close();
    await this.folder.remove();
  }
}

async function startNode(
  office: Office,
  blobs: BlobStore,
  jobs: Jobs,
  members: Members,
  options: FilesOptions,
  world: () => FilesWorld | undefined,
): Promise<FilesNode> {
  const config = testConfig({ HTTP_REQUESTS_PER_MINUTE: 100_000, ...options.config });
  const guard: Guard = {
    check: async (intended) => {
      world()?.asked.push(intended);
      world()?.refuse(intended);
    },
  };
  const part = await openAttachments({
    config,
    database: office.database,
    blobs,
    jobs,
    clock: office.clock,
    log: testLog(),
    members,
    guards: [guard],
    ...(options.held ? { held: options.held } : {}),
  });
  const http = await createHttp({
    config,
    log: testLog(),
    metrics: createMetrics(),
    version: '1.2.3',
    socketOrigins: () => [],
    authenticate: async (token) => {
      const principal = world()?.people.get(token);
      if (!principal) throw new CausewayError('AUTH_EXPIRED');
      return principal;
    },
    health: async () => ({ database: true }),
  });
  part.routes(http.app);
  const { port } = await http.listen();
  return new FilesNode(port, part, http);
}
