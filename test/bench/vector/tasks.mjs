// The suite `vector`: which task measures which rows. Those that need the facade or Chromium come with their wiring.
import { churn } from './churn.mjs';
import { filter } from './filter.mjs';
import { speed } from './speed.mjs';

export const vector = [...speed, churn, filter];
