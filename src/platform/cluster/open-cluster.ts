import { randomBytes } from 'node:crypto';
import type { Config } from '../../config.js';
import type { Bus } from '../bus/index.js';
import type { Log } from '../log.js';
import { BusCluster } from './bus-cluster.js';
import type { Cluster, NodeFace } from './cluster.js';

export interface ClusterDeps {
  readonly bus: Bus;
  readonly config: Pick<Config, 'CLUSTER_LEASE_MS' | 'NODE_NAME'>;
  readonly log: Log;
  /** What the others should know of this node now. */
  readonly face: () => Omit<NodeFace, 'id'>;
}

/** Joins the nodes that share the bus. Resolves once they are known, and know this one. */
export async function openCluster({ bus, config, log, face }: ClusterDeps): Promise<Cluster> {
  const cluster = new BusCluster({
    // Whoever restarts holds nothing any more of what it held before, so it must not look the same.
    nodeId: `${config.NODE_NAME}-${randomBytes(4).toString('hex')}`,
    bus,
    leaseMs: config.CLUSTER_LEASE_MS,
    log,
    face,
  });
  await cluster.open();
  return cluster;
}
