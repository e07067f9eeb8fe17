import { createHash } from 'node:crypto';
import {
  defaultResource,
  detectResources,
  hostDetector,
  osDetector,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { VERSION } from '../version.ts';

/** The namespace of the semantic conventions for `service.instance.id` (opentelemetry: resource/service.md). */
const INSTANCE_NAMESPACE = '4d63009a8d0f11eeaad74c796ed8e320';

/**
 * Who sends: the service, its host, its operating system; what OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say is
 * stronger. The detector of the own process is left out: `process.pid` says whose memory it is here, and receivers that
 * put a resource's attributes on every point would have two of them.
 */
export async function detectResource(): Promise<Resource> {
  const host = detectResources({ detectors: [hostDetector, osDetector] });
  await host.waitForAsyncAttributes?.();
  const { attributes } = host;
  const service = resourceFromAttributes({
    'service.name': 'tenstorrent-exporter',
    'service.version': VERSION,
    'service.instance.id': instanceId(`${String(attributes['host.id'])}/${String(attributes['host.name'])}`),
  });
  const said = detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] });
  return defaultResource().merge(host).merge(service).merge(said);
}

/**
 * The same after each start, so that a restart makes no new series; different on each host. A UUID of version 5 (RFC
 * 9562): a hash, which does not give away the machine's id.
 */
export function instanceId(host: string): string {
  const hash = createHash('sha1').update(Buffer.from(INSTANCE_NAMESPACE, 'hex')).update(host).digest();
  const bytes = hash.subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
