import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '../../..');
const FOLDER = join(REPOSITORY, 'deploy/kubernetes');
export const CHART = join(FOLDER, 'chart');
export const EXAMPLES = join(FOLDER, 'examples');
export const MANIFESTS = join(FOLDER, 'manifests');
