/** The two servers that are compared: the product, and the bare script. */
import { type Bare, startBare } from './bare.js';
import type { Way } from './crowd-calls.js';
import { Product, type ProductOptions } from './product.js';

export interface Side {
  readonly name: 'product' | 'bare';
  /** Before the names of its figures. */
  readonly prefix: '' | 'bare_';
  /** Process ids of its media workers. */
  readonly workers: readonly number[];
  /** The process that directs them. */
  readonly director: number;
  /** For the one who sends. */
  readonly host: Way;
  /** For so many who only receive. */
  ways(count: number): Promise<readonly Way[]>;
}

export interface Sides {
  readonly product: Product;
  readonly bare: Bare;
  readonly both: readonly [Side, Side];
  close(): Promise<void>;
}

export async function startSides(options: ProductOptions): Promise<Sides> {
  const product = await Product.start(options);
  const bare = await startBare(options.workers).catch(async (error: unknown) => {
    await product.close();
    throw error;
  });
  return {
    product,
    bare,
    both: [await productSide(product), bareSide(bare)],
    close: async () => {
      await bare.close();
      await product.close();
    },
  };
}

async function productSide(product: Product): Promise<Side> {
  // Who has left may come again: each guest signs in once.
  const guests: Way[] = [];
  return {
    name: 'product',
    prefix: '',
    workers: await product.server.mediaWorkers(),
    director: product.server.pid,
    host: product.host,
    ways: async (count) => {
      const missing = Math.max(0, count - guests.length);
      guests.push(...(await product.guests(Array.from({ length: missing }, (_, at) => `Viewer ${guests.length + at + 1}`))));
      return guests.slice(0, count);
    },
  };
}

function bareSide({ url, workers, pid }: Bare): Side {
  return {
    name: 'bare',
    prefix: 'bare_',
    workers,
    director: pid,
    host: { to: 'bare', url, sends: true },
    ways: async (count) => Array.from({ length: count }, (): Way => ({ to: 'bare', url, sends: false })),
  };
}
