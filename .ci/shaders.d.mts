// Types of the check of shaders.

export function shaderErrors(texts: Readonly<Record<string, string>>): Promise<string[] | undefined>;
