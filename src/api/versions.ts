// The history verbs of the facade: plans, branches, merge, diff, blame, retention, erase.

import { AetherError } from '../base/errors.ts';
import type { Doc } from '../model/document.ts';
import type {
  BlameLine,
  ChangeHit,
  ChunkVersion,
  CompactionReport,
  Delta,
  DiffOptions,
  ErasureReport,
  GcReport,
  LineageGraph,
  MergeResult,
  Plan,
  RefInfo,
  ReflogEntry,
  RetentionPolicy,
} from '../model/history.ts';
import type { ChangesOptions, Instant, Query } from '../model/query.ts';
import type { CommitInfo, VerifyReport } from '../model/report.ts';
import type { CollectionInfo } from '../model/vectors.ts';
import { COMMIT_OPTIONS, type CommitOptions, Handle } from './handle.ts';
import { checkWords } from './query.ts';
import { checkChanges, checkDiff, checkInstant } from './question.ts';
import { checkRetention } from './retention.ts';
import { Batches, type Docs } from './source.ts';
import { checkId, checkIds, checkKeys, checkMessage, checkName, invalid, oneOf } from './validate.ts';

const STRATEGIES = ['conflict', 'ours', 'theirs'] as const;

/** Options of a merge. */
export interface MergeOptions extends CommitOptions {
  /**
   * Where both sides changed the same: `'conflict'` (default) commits nothing and answers with the conflicts; `'ours'`
   * and `'theirs'` take that side there, and only there.
   */
  readonly strategy?: (typeof STRATEGIES)[number] | undefined;
}

/** The documents that a plan was made of. */
const staged = new WeakMap<Plan, { readonly docs: readonly Doc[]; readonly delete: readonly string[] }>();

/** The history of a database. A ref is a branch, a tag, a commit id, `HEAD`, or any of them with `~n`. */
export abstract class Versions extends Handle {
  /**
   * What a put of these documents (and a delete of `options.delete` before it) would change, embed and reuse. Nothing is
   * written.
   *
   * @throws as `put`.
   */
  async stage(docs: Docs, options: { delete?: string | readonly string[]; signal?: AbortSignal } = {}): Promise<Plan> {
    checkKeys(options, ['delete', 'signal']);
    const kept: Doc[] = [];
    const batches = new Batches(docs, (doc) => {
      kept.push(doc);
      return doc;
    });
    const ids = options.delete === undefined ? [] : checkIds(options.delete);
    const plan = await this.commits(
      'stage',
      options,
      (engine, call, base) => engine.stage(call, { ...base, delete: ids, pulls: true }),
      batches,
    );
    staged.set(plan, { docs: kept, delete: ids });
    return plan;
  }

  /**
   * Commits a plan.
   *
   * @throws as `put`; `AV_CONFLICT` when the branch moved since the plan was made: stage again.
   */
  async commit(message: string, options: CommitOptions & { readonly plan: Plan }): Promise<CommitInfo> {
    checkKeys(options, [...COMMIT_OPTIONS, 'plan']);
    const source = typeof options.plan === 'object' ? staged.get(options.plan) : undefined;
    if (!source) throw invalid('option plan must be what stage() gave, the same object');
    const { docs, delete: ids } = source;
    const { base = '', branch } = options.plan;
    const request = { pulls: true, total: docs.length, delete: ids, base, branch };
    const report = await this.write(request, { ...options, message }, new Batches(docs));
    if (report.commit === '') throw invalid('the plan changes nothing, and there is no commit yet');
    return this.#commitInfo(report.commit);
  }

  /**
   * Makes a branch at a commit (default: where this handle stands). Nothing is copied.
   *
   * @throws `AV_INVALID` for a name that cannot be one, `AV_REF_EXISTS`, `AV_REF_UNKNOWN`, `AV_BUSY`.
   */
  async branch(name: string, from?: Instant): Promise<void> {
    checkName(name, 'branch');
    checkInstant(from);
    await this.change('ref', (engine, call) => engine.ref(call, { kind: 'branch', name, ref: from }));
  }

  /**
   * Makes a tag at a commit (default: where this handle stands). Its commit is never cleaned up.
   *
   * @throws as `branch`.
   */
  async tag(name: string, ref?: Instant): Promise<void> {
    checkName(name, 'tag');
    checkInstant(ref);
    await this.change('ref', (engine, call) => engine.ref(call, { kind: 'tag', name, ref }));
  }

  /** Deletes a branch. Throws `AV_REF_UNKNOWN`; `AV_REF_IN_USE` for the one checked out here, or the last. */
  async deleteBranch(name: string): Promise<void> {
    checkName(name, 'branch');
    await this.change('ref', (engine, call) => engine.ref(call, { kind: 'drop-branch', name }));
  }

  /** Deletes a tag. Throws `AV_REF_UNKNOWN`. */
  async deleteTag(name: string): Promise<void> {
    checkName(name, 'tag');
    await this.change('ref', (engine, call) => engine.ref(call, { kind: 'drop-tag', name }));
  }

  /**
   * Makes this handle stand on a branch, where it writes from now on, or on any other ref, where it only reads
   * (`AV_DETACHED`). Other handles stay where they are; a new one stands on `main`.
   *
   * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
   */
  async checkout(ref: Instant): Promise<void> {
    checkInstant(ref, 'required');
    await this.change('ref', (engine, call) => engine.ref(call, { kind: 'checkout', ref }));
    // By what it meant: HEAD and dates mean another commit in a worker that takes over.
    const { branch, head } = await this.read('info', (engine, call) => engine.info(call));
    this.client.checkout = branch ?? head?.commit;
  }

  /** Branches and tags. */
  async refs(): Promise<readonly RefInfo[]> {
    return this.read('refs', (engine, call) => engine.refs(call));
  }

  /** Where branches were before they were made, reset, fast-forwarded or deleted, newest first; the last 256 moves. */
  async reflog(): Promise<readonly ReflogEntry[]> {
    return this.read('reflog', (engine, call) => engine.reflog(call));
  }

  /**
   * Merges a commit into the branch this handle stands on: document by document and block by block, against the commit
   * that both come of. A branch that has no commit of its own moves on, unless a message asks for a commit. Only text
   * that is nowhere yet is embedded.
   *
   * @throws as `put`; `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_DETACHED`. Conflicts are no error.
   */
  async merge(from: Instant, options: MergeOptions = {}): Promise<MergeResult<CommitInfo>> {
    checkInstant(from, 'required');
    checkKeys(options, [...COMMIT_OPTIONS, 'strategy']);
    oneOf('strategy', options.strategy, STRATEGIES);
    const strategy = options.strategy ?? 'conflict';
    return this.commits('merge', options, (engine, call, request) => engine.merge(call, from, strategy, request));
  }

  /**
   * Commits the documents, and the items of all collections, as they were at a ref; `path` names one document alone, or a folder that ends with `/`. History is
   * not rewritten.
   *
   * @throws as `put`; `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
   */
  async restore(ref: Instant, options: CommitOptions & { readonly path?: string } = {}): Promise<CommitInfo> {
    checkInstant(ref, 'required');
    checkKeys(options, [...COMMIT_OPTIONS, 'path']);
    const { path } = options;
    if (path !== undefined) checkId(path);
    const full = { ...options, message: options.message ?? `restore ${String(ref)}` };
    return this.commits('restore', full, (engine, call, request) => engine.restore(call, ref, path, request));
  }

  /** Moves a branch to a commit; where it was stays in `reflog`. Throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`. */
  async reset(branch: string, ref: Instant): Promise<void> {
    checkName(branch, 'branch');
    checkInstant(ref, 'required');
    await this.change('ref', (engine, call) => engine.ref(call, { kind: 'reset', name: branch, ref }));
  }

  /**
   * What differs from `a` to `b` (default: where this handle stands), by document and place; items of a collection: see its `diff`.
   *
   * @example for await (const { op, id, classes } of db.diff('HEAD~1')) console.log(op, id, classes);
   * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
   */
  async *diff(a: Instant, b?: Instant, options: DiffOptions = {}): AsyncIterable<Delta> {
    checkInstant(a, 'required');
    checkInstant(b);
    checkDiff(options);
    yield* await this.read('diff', (engine, call) => engine.diff(call, { from: a, to: b }, options));
  }

  /**
   * Searches what changed between two points: added, removed and reworded text, one hit per section, with both texts.
   *
   * @param query words or a `Query` without a vector, as `search` takes them.
   * @example await db.changes('hot reload', { from: new Date('2026-01-01') });
   * @throws `AV_INVALID`, `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`, `AV_LIMIT`.
   */
  async changes(query: string | Query, options: ChangesOptions): Promise<ChangeHit[]> {
    const [words, range] = [checkWords(query, 'changes'), checkChanges(options)];
    return [...(await this.read('changes', (engine, call) => engine.changes(call, words, range)))];
  }

  /** Every version of a document's chunks, or of one chunk when `id` is a chunk id, oldest first. */
  async history(id: string): Promise<ChunkVersion[]> {
    checkId(id);
    return [...(await this.read('history', (engine, call) => engine.history(call, id)))];
  }

  /**
   * The sentences of a document, each with the commit that brought it; renames and merges are followed. What is older than
   * all commits that are kept counts as brought by the oldest of them.
   */
  async blame(id: string): Promise<BlameLine[]> {
    checkId(id);
    return [...(await this.read('blame', (engine, call) => engine.blame(call, id)))];
  }

  /** How the chunk versions of a document, or of one chunk, came of others: `'up'` to older ones, `'down'`, default both. */
  async lineage(id: string, options: { direction?: 'up' | 'down' | 'both' } = {}): Promise<LineageGraph> {
    checkId(id);
    checkKeys(options, ['direction']);
    oneOf('direction', options.direction, ['up', 'down', 'both']);
    return this.read('lineage', (engine, call) => engine.lineage(call, id, options.direction ?? 'both'));
  }

  /** Sets how much history is kept. It takes effect by itself with later writes, or with `gc`. */
  async retain(policy: RetentionPolicy): Promise<void> {
    const checked = checkRetention(policy);
    await this.change('retain', (engine, call) => engine.retain(call, checked));
  }

  /**
   * Forgets what the policy does not keep. Heads, tags and what a view reads stay. `dryRun` only counts.
   *
   * @throws `AV_BUSY`, `AV_QUOTA`, `AV_STORAGE`.
   */
  async gc(options: { dryRun?: boolean } = {}): Promise<GcReport> {
    checkKeys(options, ['dryRun']);
    if (options.dryRun !== undefined && typeof options.dryRun !== 'boolean')
      throw invalid('dryRun must be true or false');
    return this.change('gc', (engine, call) => engine.gc(call, options.dryRun ?? false));
  }

  /**
   * Removes a document from every version, index and log, for good. Commits keep their ids.
   *
   * @throws `AV_NOT_FOUND`, `AV_BUSY`, `AV_QUOTA`, `AV_STORAGE`.
   */
  async erase(id: string, options: { reason?: string } = {}): Promise<ErasureReport> {
    checkId(id);
    checkKeys(options, ['reason']);
    const reason = checkMessage(options.reason ?? '');
    return this.change('erase', (engine, call) => engine.erase(call, id, reason));
  }

  /** Merges segments and moves old versions to the archive now; it happens by itself as the database grows. */
  async compact(options: { budgetMs?: number } = {}): Promise<CompactionReport> {
    checkKeys(options, ['budgetMs']);
    const { budgetMs } = options;
    if (budgetMs !== undefined && !(budgetMs > 0)) throw invalid(`budgetMs is ${budgetMs}; it must be above 0`);
    return this.change('compact', (engine, call) => engine.compact(call, budgetMs));
  }

  /**
   * Compares the database with one built anew from its documents (default), or what is stored with its checksums. The first also says how much the
   * graphs of collections find of what is exactly nearest; the exact answers come from the GPU where that is quicker.
   */
  async verify(options: { against?: 'rebuild' | 'checksums' } = {}): Promise<VerifyReport> {
    checkKeys(options, ['against']);
    oneOf('against', options.against, ['rebuild', 'checksums']);
    return this.change('verify', (engine, call) => engine.verify(call, options.against ?? 'rebuild'));
  }

  /** The collections of vectors of this database. */
  async collections(): Promise<readonly CollectionInfo[]> {
    return this.read('collections', (engine, call) => engine.collections(call));
  }

  async #commitInfo(id: string): Promise<CommitInfo> {
    const info = await this.read('commitInfo', (engine, call) => engine.commitInfo(call, id));
    if (!info) throw new AetherError('AV_INTERNAL', `commit ${id} is not there`);
    return info;
  }
}
