// The suite `vector`: which task measures which rows.
import { binaries } from '../lib/binaries.mjs';
import { adds, asPut } from './adds.mjs';
import { churn } from './churn.mjs';
import { scan, wasmPeer } from './facade.mjs';
import { filter } from './filter.mjs';
import { speed } from './speed.mjs';
import { opfs, stored } from './stored.mjs';

export const vector = [...speed, churn, filter, scan, wasmPeer, asPut, adds, stored, opfs, binaries];
