import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const TOP = fileURLToPath(new URL('../../', import.meta.url));
