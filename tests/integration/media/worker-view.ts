/** What is really there: every mediasoup object that this process has, and what the workers themselves say they have. */
import { type types as mediasoup, observer } from 'mediasoup';

export interface Counts {
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
}

export class WorkerView {
  readonly workers: mediasoup.Worker[] = [];
  readonly routers: mediasoup.Router[] = [];
  readonly transports = new Map<string, mediasoup.Transport>();
  readonly consumers = new Map<string, mediasoup.Consumer>();
  readonly producers = new Map<string, mediasoup.Producer>();

  readonly #onWorker = (worker: mediasoup.Worker) => {
    this.workers.push(worker);
    worker.observer.on('newrouter', (router) => {
      this.routers.push(router);
      router.observer.on('newtransport', (transport) => this.#onTransport(transport));
    });
  };

  constructor() {
    observer.on('newworker', this.#onWorker);
  }

  stop(): void {
    observer.off('newworker', this.#onWorker);
  }

  /** Asks the workers. */
  async counts(): Promise<Counts> {
    const sum = { transports: 0, producers: 0, consumers: 0 };
    for (const router of this.routers.filter((candidate) => !candidate.closed)) {
      const dump = await router.dump();
      sum.transports += dump.transportIds.length;
      sum.producers += dump.mapProducerIdConsumerIds.length;
      sum.consumers += dump.mapConsumerIdProducerId.length;
    }
    return sum;
  }

  consumer(id: string): mediasoup.Consumer {
    const consumer = this.consumers.get(id);
    if (!consumer) throw new Error(`there is no consumer ${id}`);
    return consumer;
  }

  #onTransport(transport: mediasoup.Transport): void {
    this.transports.set(transport.id, transport);
    transport.observer.on('newconsumer', (consumer) => this.consumers.set(consumer.id, consumer));
    transport.observer.on('newproducer', (producer) => this.producers.set(producer.id, producer));
  }
}
