export type { Calls, Cluster, ClusterEvents, NodeFace, Words } from './cluster.js';
