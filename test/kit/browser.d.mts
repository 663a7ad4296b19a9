// Types of the browser starter.
import type { BrowserContext } from 'playwright-core';

export interface LaunchOptions {
  profile?: string;
  args?: string[];
  headless?: boolean;
}
export function chromiumPath(): string | undefined;
export function launch(options?: LaunchOptions): Promise<BrowserContext>;
export function kill(context: BrowserContext, profile: string): Promise<void>;
