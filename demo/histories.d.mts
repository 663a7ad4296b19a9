// Types of the list of histories.
export function packHistories(options?: { source?: string; target?: string }): string;
