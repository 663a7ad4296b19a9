// The suite `text`: rows in Node against peers, rows in Chromium through the facade.
import { binaries } from '../lib/binaries.mjs';
import { searchTask, typedTasks } from './facade.mjs';
import { addsTask, buildTask, bytesTask, queryTask } from './node.mjs';

export const text = [bytesTask, queryTask, buildTask, addsTask, searchTask, ...typedTasks, binaries];
