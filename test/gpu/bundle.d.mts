// Types of the bundler of the door.

export const bundleFolder: string;
export function bundleDoor(): Promise<void>;
