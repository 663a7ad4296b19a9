// The door for a script tag: the global `AetherV` is the class itself.

import { AetherV } from './api/aether.ts';

export default AetherV;
