// Requests as the whole browser logs them (Chromium's net log: pages, workers, service workers alike).
import { existsSync, readFileSync } from 'node:fs';

/**
 * The requests in a net log, as `{ url, initiator }`. Every event stands on a line of its own, so that the log of a browser that was
 * killed can be read up to its end. Requests that the browser makes for itself (no page or worker asked) have no initiator.
 */
export function requests(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  const types = parse(`${lines[0]?.replace(/,\s*$/, '')}}`)?.constants?.logEventTypes;
  if (!types) return [];
  return lines.slice(1).flatMap((line) => {
    const event = parse(line.replace(/\]?,?\s*$/, ''));
    if (event?.type !== types.URL_REQUEST_START_JOB || !event.params?.url) return [];
    const { url, initiator } = event.params;
    return [{ url, initiator: initiator === 'not an origin' ? undefined : initiator }];
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
