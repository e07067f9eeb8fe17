import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXAMPLES, REPOSITORY } from './places.ts';
import { renderChart } from './renderer.ts';

export const NAMESPACE = 'tenstorrent-monitoring';

const HEADER = '# Made from the chart by npm run kubernetes: do not edit.\n';

/** The chart has no namespace: Helm makes it. */
const NAMESPACE_MANIFEST = `---
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    # The baseline and restricted levels admit neither the host's PIDs nor its folders.
    pod-security.kubernetes.io/enforce: privileged
    pod-security.kubernetes.io/warn: privileged
    pod-security.kubernetes.io/audit: privileged
`;

interface ManifestFile {
  readonly example: string;
  /** All but those of CRDs and other platforms where it is undefined. */
  readonly only?: readonly string[];
  readonly withNamespace?: true;
}

/** Each file of manifests, and what of the chart it is. */
const FILES: Readonly<Record<string, ManifestFile>> = {
  'exporter.yaml': { example: 'plain', withNamespace: true },
  'exporter-with-allocation-server.yaml': { example: 'allocation-server', withNamespace: true },
  'prometheus-operator.yaml': {
    example: 'prometheus-operator',
    only: ['templates/monitor.yaml', 'templates/prometheusrule.yaml'],
  },
  'grafana-dashboards.yaml': { example: 'prometheus-operator', only: ['templates/dashboards.yaml'] },
  'openshift.yaml': { example: 'openshift', only: ['templates/securitycontextconstraints.yaml'] },
};

/** The text of every plain manifest, by its file's name. */
export async function manifestFiles(): Promise<ReadonlyMap<string, string>> {
  const entries = Object.entries(FILES).map(async ([name, file]) => [name, await manifestText(file)] as const);
  return new Map(await Promise.all(entries));
}

async function manifestText({ example, only = [], withNamespace }: ManifestFile): Promise<string> {
  const values = [join(EXAMPLES, `${example}.yaml`)];
  const text = await renderChart({ values, only, release: 'tenstorrent-exporter', namespace: NAMESPACE });
  const plain = text.replaceAll('app.kubernetes.io/managed-by: Helm', 'app.kubernetes.io/managed-by: kubectl');
  return `${HEADER}${withNamespace === true ? NAMESPACE_MANIFEST : ''}${plain.replaceAll(/^ *helm\.sh\/chart: .*\n/gm, '')}`;
}

/** The rules and dashboards that the chart carries: Helm reads no file outside of a chart. By path below the chart. */
export async function chartFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ...(await filesOf('alerts', '.yml', 'files/alerts')),
    ...(await filesOf('grafana/dashboards', '.json', 'files/dashboards')),
  ]);
}

async function filesOf(folder: string, ending: string, target: string): Promise<(readonly [string, string])[]> {
  const names = (await readdir(join(REPOSITORY, folder))).filter((name) => name.endsWith(ending)).sort();
  return Promise.all(
    names.map(async (name) => [`${target}/${name}`, await readFile(join(REPOSITORY, folder, name), 'utf8')] as const),
  );
}
