// Stub of patches of documents.
import type { Delta } from '../model/history.ts';
export const stripTexts = (delta: Delta): Delta => delta;
