// A table of calls that must fail with a typed error and change nothing.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Failure } from './site.ts';

/** The facade with its types taken off: every call here is one that they forbid. */
type Verb = (...what: readonly unknown[]) => Promise<unknown>;
type VerbName =
  | 'put'
  | 'delete'
  | 'get'
  | 'has'
  | 'search'
  | 'searchBatch'
  | 'facets'
  | 'suggest'
  | 'changes'
  | 'info'
  | 'flush'
  | 'close';
interface Untyped extends Record<VerbName, Verb> {
  live(...what: readonly unknown[]): unknown;
  at(...what: readonly unknown[]): Untyped;
  list(...what: readonly unknown[]): AsyncGenerator<unknown>;
  log(...what: readonly unknown[]): AsyncGenerator<unknown>;
  on(...what: readonly unknown[]): () => void;
}

export type Call = (db: Untyped) => unknown;
export type Case = readonly [what: string, code: string, call: Call];

/** Makes tests of cases; the calls run in the page on its global `db`, which holds note 7, and go there as text. */
export function refusing(page: () => Page): (cases: readonly Case[]) => void {
  return (cases) =>
    it.each(cases)('%s: %s', async (_, code, call) => {
      const seen: Failure & { found: string; same: boolean } = await page().evaluate(`kit.attempt(db, ${call})`);
      expect(seen).toMatchObject({ code, name: 'AetherError', found: 'notes/0007.md', same: true });
      expect(seen.message).toMatch(new RegExp(`^${code}: .{10,}`));
    });
}
