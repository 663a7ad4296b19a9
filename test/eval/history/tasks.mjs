// The suite `history`: which task measures which rows of it, on each history that is given (default: both shared ones, whole).
import { perSet } from '../../bench/lib/suite.mjs';
import { asOf } from './asof.mjs';
import { bounded } from './bounded.mjs';
import { commitOverhead, historyBytes } from './bytes.mjs';
import { changes } from './changes.mjs';
import { erase } from './erase.mjs';
import { merge } from './merge.mjs';
import { minilm } from './minilm.mjs';
import { onReplay } from './replay.mjs';
import { restore } from './restore.mjs';
import { asOfTimes, branchCreate, openView } from './speed.mjs';
import { streams } from './stream.mjs';
import { accuracy, section1 } from './temporal.mjs';

export function history(args) {
  const sets = streams(args);
  return [
    perSet(['restore-equal'], sets, onReplay(restore)),
    perSet(['asof-equal', 'wrong-version-hits'], sets, onReplay(asOf)),
    perSet(['version-accuracy'], sets, onReplay(accuracy)),
    perSet(['temporal-section1'], sets, onReplay(section1)),
    perSet(['changes-hit5'], sets, onReplay(changes)),
    perSet(['asof-p95-ratio', 'asof-p95-ms'], sets, onReplay(asOfTimes)),
    perSet(['open-view-p95-ms'], sets, onReplay(openView)),
    perSet(['history-bytes-per-year'], sets, historyBytes),
    perSet(['commit-overhead-kb'], sets, commitOverhead),
    perSet(['merge-wrong', 'merge-extra-embeds'], sets, merge),
    { rows: ['branch-create-ms'], run: branchCreate },
    { rows: ['bounded-bytes'], run: bounded },
    { rows: ['erase-needles'], run: erase },
    perSet(['asof-equal-minilm'], sets, minilm),
  ];
}
