/** The figures of forwarding, added up over the windows of one server under test. */
import { Histogram } from '../lib/histogram.js';
import type { MediaRun } from './options.js';
import type { Side } from './side.js';
import type { Window } from './window.js';

export class Forwarding {
  readonly #delays = new Histogram('us');
  #packets = 0;
  #bytes = 0;
  #lost = 0;
  #dropped = 0;
  #droppedAtServer = 0;
  #silent = 0;
  #seconds = 0;
  #workerCpu = 0;
  #directorCpu = 0;
  #busiestWorker = 0;
  #busiestGenerator = 0;

  /** `port`: the delays of those whom this worker serves alone. */
  add({ total, workerCpu, directorCpu, busiestWorker, busiestGenerator, droppedAtServer }: Window, port?: number): void {
    this.#delays.merge(total.delays(port === undefined ? {} : { port }).counts);
    this.#packets += total.packets;
    this.#bytes += total.bytes;
    this.#lost += total.lost;
    this.#dropped += total.dropped;
    this.#droppedAtServer += droppedAtServer;
    this.#silent += total.silent;
    this.#seconds += total.seconds;
    this.#workerCpu += workerCpu;
    this.#directorCpu += directorCpu;
    this.#busiestWorker = Math.max(this.#busiestWorker, busiestWorker);
    this.#busiestGenerator = Math.max(this.#busiestGenerator, busiestGenerator);
  }

  get measured(): boolean {
    return this.#packets > 0;
  }

  get usPerPacket(): number {
    return (this.#workerCpu / this.#packets) * 1_000_000;
  }

  report(run: MediaRun, { prefix, name }: { readonly prefix: string; readonly name: Side['name'] }): void {
    const of = name === 'bare' ? 'the bare script' : 'the product';
    if (this.#delays.count > 0)
      run.histogram(
        `${prefix}added_delay_us`,
        this.#delays,
        `From a publisher's send call to a receiver's callback, by way of ${of}; the generator's own part (generator_delay_us) included.`,
      );
    run.value(
      `${prefix}loss_ratio`,
      'ratio',
      this.#lost / (this.#lost + this.#packets),
      `Packets that did not arrive by way of ${of}, of those that should have; ${this.#dropped} of ${this.#lost} were lost on the generator's own sockets, ${this.#droppedAtServer} came too fast for the worker's socket.`,
    );
    run.value(`${prefix}silent_streams`, 'count', this.#silent, `Streams by way of ${of} of which nothing came in a window.`);
    run.value(`${prefix}packets_per_second`, 'per_second', this.#packets / this.#seconds, `Packets that ${of} delivered.`);
    run.value(
      `${prefix}${name === 'product' ? 'worker_' : ''}cpu_us_per_packet`,
      'us',
      this.usPerPacket,
      `CPU of the media workers of ${of} for each packet delivered, user and kernel.`,
    );
    run.value(
      `${prefix}${name === 'product' ? 'worker_' : ''}cpu_us_per_megabit`,
      'us',
      (this.#workerCpu / ((this.#bytes * 8) / 1_000_000)) * 1_000_000,
      `The same for each megabit delivered.`,
    );
    run.value(
      `${prefix}main_cpu_us_per_packet`,
      'us',
      (this.#directorCpu / this.#packets) * 1_000_000,
      `CPU of the process that directs the workers of ${of}, for each packet delivered.`,
    );
    run.setting(`${name}_busiest_worker_core_share`, share(this.#busiestWorker));
    run.setting(`${name}_busiest_generator_core_share`, share(this.#busiestGenerator));
  }
}

function share(of: number): number {
  return Math.round(of * 100) / 100;
}
