// Which plane answers a batch of queries, and the batch on the GPU: it finds candidates, the guest scores them and proves that none is missing.

import type { BatchWhy, CollectionDef, Metric } from '../model/vectors.ts';
import { NONE } from '../ports/index.ts';
import type { Precision, Scorer } from '../ports/scorer.ts';
import type { AdmittedPart, ItemsFound, ItemsQuery } from '../ports/vectors.ts';
import { type Collection, goneError } from '../version/collections.ts';
import type { State } from '../version/state.ts';
import { rowsOf, type Sight } from './sight.ts';

/** A batch as the choice looks at it. */
export interface BatchJob {
  readonly metric: Metric;
  readonly dims: number;
  readonly k: number;
  readonly queries: number;
}

/** How much there is to score. */
export interface BatchSize {
  /** Rows that the GPU would score, and rows that a scan would. */
  readonly rows: number;
  readonly matches: number;
  /** Are their values all in memory? */
  readonly resident: boolean;
  /** Not exact, and there is a graph to walk. */
  readonly walks: boolean;
}

/** Who answers, and the reason as a clause. */
export interface Choice {
  readonly path: 'gpu' | 'cpu';
  readonly why: string;
  /** What the rows are scored by: by more than would fit, they are not. */
  readonly precision?: Precision;
  /** A GPU that is not there yet might have answered sooner. */
  readonly wanted?: boolean;
}

/** From so many products of a row, a query and a dimension on it is worth it to look whether there is a GPU: some 30 ms of a scan. */
const WORTH_LOOKING = 1e9;

/** Queries of a batch that are asked together when not all vectors are in memory. */
const QUERIES_TOGETHER = 8;

/** The choice between the planes, from what is known and nothing else. */
export function choosePlane(
  { info, kMax, kCodedMax, bytesMax }: Pick<Scorer, 'info' | 'kMax' | 'kCodedMax' | 'bytesMax'>,
  { metric, dims, k, queries }: BatchJob,
  sizeOf: () => BatchSize,
): Choice {
  const cpu = (why: string, wanted = false): Choice => ({ path: 'cpu', why, wanted });
  if (info.mode === 'off') return cpu("gpu is 'off'");
  if (metric === 'hamming') return cpu('bits are compared on the CPU');
  if (k > kMax) return cpu(`k is above ${kMax}, the largest tier of the GPU`);
  if (info.state === 'unavailable') return cpu(info.why);
  const { rows, matches, resident, walks } = sizeOf();
  // As padded: see `src/gpu/nearest.ts`.
  const fits = (width: number) => rows * width <= bytesMax;
  const whole = fits(16 * Math.ceil(dims / 4));
  const half = !whole && metric === 'cosine' && fits(8 * Math.ceil(dims / 4));
  const coded = !whole && !half;
  // Candidates are scored by their values, whatever found them.
  if (!resident) return cpu('not all of the rows are in memory');
  // Values of unit length alone have bounds at half precision. Codes are a byte each and have a scale; squared distances would need lengths too.
  if (coded && (rows * (dims + 20) > bytesMax || metric === 'l2'))
    return cpu("the rows are more than the GPU's share of memory");
  if (coded && k > kCodedMax) return cpu(`the rows fit as codes only, and k is above ${kCodedMax}`);
  const precision = coded ? 'codes' : half ? 'half' : 'whole';
  const rowsAs = {
    whole: '',
    half: '; the rows at half precision, which fit',
    codes: '; the rows as codes, which fit',
  }[precision];
  if (info.mode === 'force') return { path: 'gpu', why: `gpu is 'force'${rowsAs}`, precision };
  if (walks) return cpu('a walk through the graph is cheaper than any scan');
  const products = queries * dims;
  if (info.state === 'idle') return cpu(info.why, products * rows >= WORTH_LOOKING);
  if (!info.speeds) return cpu('the GPU was not measured');
  const { gpu, cpu: own } = info.speeds;
  const [there, here] = [
    gpu.callMs + gpu.productNs * products * rows * 1e-6,
    own.callMs + own.productNs * products * matches * 1e-6,
  ];
  const compared = `${there.toFixed(2)} ms on the GPU against ${here.toFixed(2)} on the CPU, as measured`;
  return there < here ? { path: 'gpu', why: compared + rowsAs, precision } : cpu(compared);
}

/**
 * Answers a batch on the plane that is quicker; on the CPU when the other one fails.
 *
 * @throws `AV_NOT_FOUND` when the collection was dropped meanwhile.
 */
export async function answerBatch(
  state: State,
  sight: Sight,
  ask: Omit<ItemsQuery, 'view'>,
): Promise<{ readonly found: ItemsFound; readonly why: BatchWhy }> {
  const { scorer } = state;
  const { collection, index } = sight;
  const { def } = collection;
  const choice = choosePlane(scorer, { ...def, k: ask.k, queries: ask.queries.length / def.dims }, () => {
    const walks = !ask.exact && index.info().parts.some(({ graph }) => graph);
    return { ...sizeOf(sight, ask.filter), walks };
  });
  if (choice.wanted) void scorer.ready();
  if (choice.path === 'cpu') return { found: await onCpu(state, sight, ask), why: whyOf(choice) };
  const look = () => lookAt(state, sight);
  const answer = await batchOnGpu(state, def, ask, choice.precision ?? 'whole', look);
  if (answer) return { found: answer.found, why: whyOf(choice, answer) };
  const why = `the GPU did not answer: ${scorer.info.why}`;
  if (look()) return { found: await onCpu(state, sight, ask), why: whyOf({ path: 'cpu', why }) };
  throw goneError(def);
}

/** How much of a collection there is to score. */
export function sizeOf({ index, view }: Sight, filter: Uint8Array): Omit<BatchSize, 'walks'> {
  const { matches, parts } = index.admitted(view, filter);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  return { rows, matches, resident: parts.every((part) => part.resident) };
}

/** The collection, unless it was dropped while the GPU worked: its guest is gone then. */
export const lookAt = ({ collections }: State, sight: Sight): Sight | undefined =>
  collections.all.get(sight.collection.def.ordinal) === sight.collection ? sight : undefined;

/** Its parts as the scorer takes them; undefined when it is gone, or not all of them are in memory. */
export function partsOf(
  sight: Sight | undefined,
  filter: Uint8Array,
  precision: Precision,
): AdmittedPart[] | undefined {
  const parts = sight?.index.admitted(sight.view, filter).parts;
  if (!sight || !parts?.every(({ resident }) => resident)) return undefined;
  const whose = `${numberOf(sight.collection)}/${precision === 'whole' ? '' : `${precision}/`}`;
  return parts.map((part) => ({ ...part, key: whose + part.key }));
}

/**
 * The engine's own answer: a walk through the graph, or a scan. Some queries at a time where not all vectors are in memory, so that what
 * they need is, together.
 *
 * @throws `AV_NOT_FOUND` when the collection was dropped meanwhile.
 */
export async function onCpu(state: State, sight: Sight, ask: Omit<ItemsQuery, 'view'>): Promise<ItemsFound> {
  const { index, collection } = sight;
  const { dims } = collection.def;
  const { queries, k } = ask;
  const count = queries.length / dims;
  const { vectors } = index.info();
  const step = vectors.here === vectors.all ? count : QUERIES_TOGETHER;
  const out = nothing(count * k);
  for (let from = 0; from < count; from += step) {
    const some = { ...ask, queries: queries.subarray(from * dims, (from + step) * dims) };
    const found = await rowsOf(state, sight, () => index.searchBatch({ ...some, view: sight.view }));
    if (!found) throw goneError(collection.def);
    if (step === count) return found.value;
    out.inos.set(found.value.inos, from * k);
    out.scores.set(found.value.scores, from * k);
  }
  return out;
}

/** No hits, in so many places. */
export const nothing = (places: number): ItemsFound => ({
  inos: new Uint32Array(places).fill(NONE),
  scores: new Float32Array(places),
});

/** The collection and the view as they are whenever it is looked at; undefined once they are gone. */
type Look = () => Sight | undefined;

/**
 * A batch on the GPU; undefined when it failed or the collection went away, and others have to answer.
 */
async function batchOnGpu(
  state: State,
  { metric, dims }: CollectionDef,
  ask: Omit<ItemsQuery, 'view' | 'ef' | 'exact'>,
  precision: Precision,
  look: Look,
): Promise<{ readonly found: ItemsFound; readonly proved: number; readonly scanned: number } | undefined> {
  if (metric === 'hamming') return undefined;
  const { scorer } = state;
  const { queries, k, filter } = ask;
  const gather = () => partsOf(look(), filter, precision);
  const probes = precision === 'codes' ? look()?.index.probes(queries) : undefined;
  const candidates = await scorer.nearest({ dims, metric, k, queries, precision, probes, gather });
  const sight = look();
  if (!candidates || !sight) return undefined;
  const answer = await rowsOf(state, sight, () => sight.index.searchFrom({ ...ask, view: sight.view }, candidates));
  if (!answer) return undefined;
  const { proved, scanned, wrong, ...found } = answer.value;
  if (wrong > 0) scorer.distrust();
  return { found, proved, scanned: scanned + wrong };
}

/** A number for each collection that was ever open: its ordinal is given to another once it is dropped. */
function numberOf(collection: Collection): number {
  const known = numbers.get(collection);
  if (known !== undefined) return known;
  numbers.set(collection, ++lastNumber);
  return lastNumber;
}

const numbers = new WeakMap<Collection, number>();
let lastNumber = 0;

/** For `explain`. */
const whyOf = ({ path, why }: Choice, counts = { proved: 0, scanned: 0 }): BatchWhy => ({
  path,
  why,
  proved: counts.proved,
  scanned: counts.scanned,
});
