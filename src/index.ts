// The one public door.

export { AetherV, type ListOptions, type PutOptions, type WriteOptions } from './api/aether.ts';
export type { CommitOptions, EventMap } from './api/handle.ts';
export type { LiveQuery, LiveUpdate } from './api/live.ts';
export type { Assets, OpenOptions } from './api/options.ts';
export type { Docs } from './api/source.ts';
export type { ClusteringOptions, VectorQueryOptions } from './api/vector-options.ts';
export type { ItemWriteOptions, VectorCollection } from './api/vectors.ts';
export type { MergeOptions } from './api/versions.ts';
export type { View } from './api/view.ts';
export { AetherError, type ErrorCode } from './base/errors.ts';
export type { Clustering, ClustersOptions } from './model/clusters.ts';
export type * from './model/document.ts';
export type * from './model/filter.ts';
export type * from './model/history.ts';
export type * from './model/query.ts';
export type * from './model/report.ts';
export type {
  BatchHits,
  BatchWhy,
  CollectionInfo,
  IndexKind,
  Item,
  ItemColumns,
  ItemDelta,
  ItemErasureReport,
  ItemPayload,
  ItemUpdate,
  Metric,
  Neighbours,
  NeighboursOptions,
  RecallInfo,
  StoredItem,
  VectorHit,
  VectorSearchOptions,
  VectorsOptions,
  VectorWhy,
} from './model/vectors.ts';
export type { Embedder, EmbedKind } from './ports/embedder.ts';
export type { Reranker } from './ports/reranker.ts';
