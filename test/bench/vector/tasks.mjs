// The suite `vector`: which task measures which rows.
import { churn } from './churn.mjs';
import { reopening, scan, wasmPeer } from './facade.mjs';
import { filter } from './filter.mjs';
import { speed } from './speed.mjs';

export const vector = [...speed, churn, filter, scan, wasmPeer, reopening];
