// The suite `spine`: which task measures which rows; and the first peers, whose rows say `spine-peers`.
import { hnswlibTasks } from '../peers/hnswlib.mjs';
import { minisearchTasks } from '../peers/minisearch.mjs';
import { bundle } from './bundle.mjs';
import { edits } from './edit.mjs';
import { embed } from './embed.mjs';
import { foreign } from './foreign.mjs';
import { ingest } from './ingest.mjs';
import { kills } from './kills.mjs';
import { longestTaskRow, reopen, search } from './passages.mjs';

/** `foreign-requests` counts over the whole suite, so it comes after all rows of the suite. */
export const spine = [
  { rows: ['page-bundle-kb'], run: bundle },
  { rows: ['embed-sentences-s'], run: embed },
  { rows: ['ingest-vite-docs-s'], run: ingest },
  { rows: ['longest-task-ms'], run: longestTaskRow },
  { rows: ['search-10k-p50-ms'], run: search },
  { rows: ['reopen-first-hit-ms'], run: reopen },
  { rows: ['edit-searchable-ms', 'edit-embedded-chunks'], run: edits },
  { rows: ['kill-lost'], run: kills },
  { rows: ['foreign-requests'], run: foreign },
  ...minisearchTasks,
  ...hnswlibTasks,
];
