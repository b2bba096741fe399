/**
 * A network of its own for a browser or a server: a namespace of the kernel (ip-netns(8)) and a cable to this
 * machine, at whose far end the address can be changed while a call goes on. Needs root on Linux;
 * `NetNamespace.open` says why where it is not to be had.
 */
import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js';

const run = promisify(execFile);

export class NetNamespace {
  /** This machine's end of the cable. */
  readonly hostAddress: string;
  readonly #name: string;
  readonly #subnet: string;
  readonly #folder: TemporaryFolder;
  #last = 2;

  private constructor(name: string, subnet: string, folder: TemporaryFolder) {
    this.#name = name;
    this.#subnet = subnet;
    this.#folder = folder;
    this.hostAddress = `${subnet}.1`;
  }

  /** A text instead: why there is none. */
  static async open(): Promise<NetNamespace | string> {
    if (process.platform !== 'linux') return 'network namespaces are of Linux';
    const name = `causeway-${process.pid}`;
    const subnet = `10.213.${process.pid % 256}`;
    try {
      await ip('netns', 'add', name);
    } catch (error) {
      return `network namespaces are not permitted here (${error instanceof Error ? error.message.trim().split('\n').at(-1) : error})`;
    }
    const namespace = new NetNamespace(name, subnet, await temporaryFolder());
    try {
      await namespace.#connect();
      return namespace;
    } catch (error) {
      await namespace.close();
      throw error;
    }
  }

  get address(): string {
    return `${this.#subnet}.${this.#last}`;
  }

  /** Words before a command that run it in here. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  /** A program that runs Chromium in here; for CHROMIUM_PATH. */
  async chromium(real: string): Promise<string> {
    const file = path.join(this.#folder.path, 'chromium');
    await writeFile(file, `#!/bin/sh\nexec ${this.prefix.join(' ')} ${real} "$@"\n`);
    await chmod(file, 0o755);
    return file;
  }

  /** What is inside moves to another address, as a laptop does that is carried to another network. */
  async moveAddress(): Promise<void> {
    const before = this.address;
    this.#last += 1;
    await this.#inside('addr', 'del', `${before}/24`, 'dev', this.#inner);
    await this.#inside('addr', 'add', `${this.address}/24`, 'dev', this.#inner);
    await this.#inside('route', 'replace', 'default', 'via', this.hostAddress);
  }

  /** Idempotent. The cable goes with the namespace. */
  async close(): Promise<void> {
    await ip('link', 'del', this.#outer).catch(() => undefined);
    await ip('netns', 'del', this.#name).catch(() => undefined);
    await this.#folder.remove();
  }

  // Names of interfaces have 15 characters at most.
  get #outer(): string {
    return `cwo${process.pid}`;
  }

  get #inner(): string {
    return `cwi${process.pid}`;
  }

  async #connect(): Promise<void> {
    await ip('link', 'add', this.#outer, 'type', 'veth', 'peer', 'name', this.#inner);
    await ip('link', 'set', this.#inner, 'netns', this.#name);
    await ip('addr', 'add', `${this.hostAddress}/24`, 'dev', this.#outer);
    await ip('link', 'set', this.#outer, 'up');
    await this.#inside('link', 'set', 'lo', 'up');
    await this.#inside('addr', 'add', `${this.address}/24`, 'dev', this.#inner);
    await this.#inside('link', 'set', this.#inner, 'up');
    await this.#inside('route', 'replace', 'default', 'via', this.hostAddress);
  }

  async #inside(...command: readonly string[]): Promise<void> {
    await ip('-n', this.#name, ...command);
  }
}

async function ip(...command: readonly string[]): Promise<void> {
  await run('ip', [...command]);
}
