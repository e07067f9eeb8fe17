import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EnvironmentError, readPushSettings, secretsOf, withoutSecrets } from '../../src/otel/environment.ts';
import type { Environment } from '../../src/otel/environment.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const DEFAULTS = {
  protocol: 'http/protobuf',
  endpoint: 'http://collector:4318',
  temporality: 'cumulative',
  intervalMs: 60_000,
  timeoutMs: 30_000,
  requestTimeoutMs: 10_000,
};

describe('the standard variables', () => {
  it('push nothing unless an endpoint is set', () => {
    const off: Environment[] = [
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' },
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' },
      { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'none' },
      { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'prometheus' },
    ];
    for (const env of off) assert.equal(readPushSettings(env), undefined, JSON.stringify(env));
    assert.deepEqual(readPushSettings(ENDPOINT), DEFAULTS);
    assert.deepEqual(readPushSettings({ ...ENDPOINT, OTEL_METRICS_EXPORTER: 'prometheus, otlp' }), DEFAULTS);
  });

  it('make deltas of counters where that is preferred; those that are looked at stay cumulative in low memory', () => {
    const temporalities = ['delta', 'DELTA', 'lowmemory', 'cumulative', 'other', ''].map((preference) => {
      const env = { ...ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference };
      return readPushSettings(env)?.temporality;
    });
    assert.deepEqual(temporalities, ['delta', 'delta', 'cumulative', 'cumulative', 'cumulative', 'cumulative']);
  });

  it('for metrics are stronger than those for all signals', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'not an address',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://user:pass@metrics.example/otlp/?key=1',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '700',
      OTEL_METRIC_EXPORT_INTERVAL: '15000',
      OTEL_METRIC_EXPORT_TIMEOUT: '20000',
    };
    assert.deepEqual(readPushSettings(env), {
      protocol: 'http/json',
      endpoint: 'https://metrics.example/otlp/',
      temporality: 'cumulative',
      intervalMs: 15_000,
      timeoutMs: 15_000,
      requestTimeoutMs: 700,
    });
  });

  it('take an endpoint without a scheme for gRPC', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    assert.equal(readPushSettings(env)?.endpoint, 'collector:4317');
  });

  it('are refused by name, without a secret, where they cannot be used', () => {
    const bad: (readonly [Environment, string])[] = [
      [
        { OTEL_EXPORTER_OTLP_ENDPOINT: 'user:secret@collector' },
        'OTEL_EXPORTER_OTLP_ENDPOINT is not an address of a collector: give one as http://collector:4318',
      ],
      [
        { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http' },
        'OTEL_EXPORTER_OTLP_PROTOCOL: "http" is not one of grpc, http/protobuf, http/json',
      ],
      [
        { ...ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL: '1s' },
        'OTEL_METRIC_EXPORT_INTERVAL: "1s" is not a time: give milliseconds, as in 60000',
      ],
      [
        { ...ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '0' },
        'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "0" is not a time: give milliseconds, as in 60000',
      ],
    ];
    for (const [env, message] of bad) assert.throws(() => readPushSettings(env), new EnvironmentError(message));
  });

  it('have secrets that are taken out of what is logged', () => {
    const secrets = secretsOf({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-team=blue,x-number=4',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:word@collector:4318/?token=t0k',
    });
    const line = 'sent Bearer abc and Bearer%20abc to http://me:word@collector:4318/?token=t0k for blue';
    assert.equal(withoutSecrets(line, secrets), 'sent *** and *** to http://***@collector:4318/?*** for ***');
    assert.equal(withoutSecrets(line, secretsOf({})), line);
  });
});
