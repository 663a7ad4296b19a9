// Types of the static file server.
export interface ServeOptions {
  roots: Record<string, string>;
  port?: number;
  headers?: Record<string, string>;
  cors?: boolean;
}
export interface Served {
  /** Ends with a slash. */
  url: string;
  port: number;
  close(): Promise<void>;
}
export function serve(options: ServeOptions): Promise<Served>;
