// All that a bare test page has: a way to import a module from an address.
globalThis.load = (url) => import(url);
