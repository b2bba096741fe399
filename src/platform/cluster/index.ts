export type { CallName, Calls, Cluster, ClusterEvents, NodeFace, WordName, Words } from './cluster.js';
export { type ClusterDeps, openCluster } from './open-cluster.js';
