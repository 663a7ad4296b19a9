// What the mind asks of the second plane: many queries against many rows at once, where there is a GPU for it.

import type { GpuInfo, Metrics } from '../model/report.ts';
import type { Metric } from '../model/vectors.ts';

/** What rows are scored by: their values, their values at half precision (where all are of unit length), or their codes. */
export type Precision = 'whole' | 'half' | 'codes';

/** Rows of one part of a collection, as they are at one moment. */
export interface ScorePart {
  /** Names the part among all: the same key always begins with the same rows. */
  readonly key: string;
  readonly rows: number;
  /** Bit i admits row i, 32 a word; undefined admits all. */
  readonly mask: Uint32Array | undefined;
  /** Numbers of the contents, rising. */
  readonly cnos: Uint32Array;
  /** Little-endian f32 of rows `from` to `to`, row-major: a view of memory that is good until something else is called. */
  values(from: number, to: number): Uint8Array;
  /** Likewise values at half precision, see `wasm/crates/ann/src/half.rs`, each row padded to a multiple of 4. */
  halves(from: number, to: number): Uint8Array;
  /** Likewise their codes, padded to {@link Probes.width} bytes a row; and the scale of each, f32. */
  codes(from: number, to: number): Uint8Array;
  scales(from: number, to: number): Uint8Array;
}

/** Queries as codes: a score is `(product of codes - correction) * (scale of the row * scale of the query)`. */
export interface Probes {
  /** Bytes of one query, as of one row: a multiple of 16. */
  readonly width: number;
  /** i8, query after query. */
  readonly codes: Uint8Array;
  /** Of each query its scale (f32) and its correction (i32), little-endian. */
  readonly scales: Uint8Array;
}

/** A batch of queries. */
export interface ScoreJob {
  readonly dims: number;
  readonly metric: Exclude<Metric, 'hamming'>;
  /** How many rows of each query are wanted exactly; a few more come back. */
  readonly k: number;
  /** Row-major. */
  readonly queries: Float32Array;
  /** What rows are scored by. Default `whole`; `half` takes half the memory, `codes` a quarter. */
  readonly precision?: Precision | undefined;
  /** The queries as codes, where rows are scored by theirs. */
  readonly probes?: Probes | undefined;
  /** The rows, asked for when it is this job's turn; read at once. Undefined gives the job up: they are not at hand any more. */
  gather(): readonly ScorePart[] | undefined;
}

/** Rows near each query by approximate scores, the best first: `each` a query, {@link NONE} behind the last. */
export interface Candidates {
  readonly each: number;
  readonly cnos: Uint32Array;
  readonly scores: Float32Array;
  /** What the scores are of. */
  readonly precision: Precision;
}

/** Rows to be given to the nearest of several centroids, by squared distance. */
export interface AssignJob {
  readonly dims: number;
  /** Row-major. */
  readonly centroids: Float32Array;
  /** The contents that are asked about, rising. */
  readonly cnos: Uint32Array;
  /** Their rows, and others; see {@link ScoreJob.gather}. */
  gather(): readonly ScorePart[] | undefined;
}

/** Of each content the two nearest centroids by approximate scores, two a content: {@link NONE} where there is one alone, or no row was there. */
export interface Near {
  readonly numbers: Uint32Array;
  /** Minus the squared distances. */
  readonly scores: Float32Array;
}

/** Scores batches, or says why it does not. */
export interface Scorer {
  /** What it is, as of now. */
  readonly info: GpuInfo;
  readonly metrics: Metrics;
  /** The most that can be asked for of a query, and by codes; and bytes of rows that fit. */
  readonly kMax: number;
  readonly kCodedMax: number;
  readonly bytesMax: number;
  /** Makes it ready, if it can be had: adapter, pipelines, speeds. Never fails; `info` says what came of it. */
  ready(): Promise<void>;
  /** The candidates; undefined when the job was given up or the GPU failed, which is counted: others answer. */
  nearest(job: ScoreJob): Promise<Candidates | undefined>;
  /** Likewise what centroids are near. */
  assign(job: AssignJob): Promise<Near | undefined>;
  /** Its scores were wrong: as a failure. */
  distrust(): void;
  close(): void;
}
