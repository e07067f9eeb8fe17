import assert from 'node:assert/strict';
import type { IDaemonSet } from 'kubernetes-models/apps/v1';
import type { IContainer } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';

/** An object of Kubernetes's API, of whatever kind. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What a pod is made of. */
export type PodSpec = NonNullable<NonNullable<IDaemonSet['spec']>['template']['spec']>;

/** The documents of a text, in its order. Throws where one is no YAML, or says a key twice. */
export function parseManifests(text: string): Manifest[] {
  return [...parseAllDocuments(text)].flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw problem;
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });
}

/** The one object of a kind and, where there are several, of a name that ends so. */
export function theOnly<T extends Manifest>(manifests: readonly Manifest[], kind: T['kind'], ending = ''): T {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name.endsWith(ending));
  assert.equal(found.length, 1, `${found.length} of kind ${kind}`);
  return found[0] as T;
}

export function podOf(manifests: readonly Manifest[], ending = 'exporter'): PodSpec {
  const spec = theOnly<IDaemonSet & Manifest>(manifests, 'DaemonSet', ending).spec?.template.spec;
  assert.ok(spec);
  return spec;
}

export function containerOf(pod: PodSpec, name: string): IContainer {
  const container = pod.containers.find((one) => one.name === name);
  assert.ok(container, `no container ${name}`);
  return container;
}
