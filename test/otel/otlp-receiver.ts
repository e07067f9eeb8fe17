import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ServerUnaryCall, ServiceError, UntypedHandleCall } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { MethodDefinition } from '@grpc/proto-loader';
import { eventually } from '../support/eventually.ts';

/** A request as the messages of OTLP have it, camel-cased; 64-bit numbers are text in protobuf and numbers in JSON. */
export interface OtlpRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly OtlpKeyValue[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly metrics: readonly OtlpMetric[];
    }[];
  }[];
}

export interface OtlpKeyValue {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string | number;
    readonly boolValue?: boolean;
    readonly doubleValue?: number;
  };
}

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly sum?: {
    readonly dataPoints: readonly OtlpPoint[];
    /** A number, or its name in the published messages. */
    readonly aggregationTemporality: number | string;
    readonly isMonotonic: boolean;
  };
}

export interface OtlpPoint {
  readonly attributes: readonly OtlpKeyValue[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asInt?: string | number;
  readonly asDouble?: number;
}

export interface OtlpReceiver {
  readonly url: string;
  /** Whole requests, in the order in which they came. */
  readonly requests: readonly OtlpRequest[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Waits until there are so many. */
  received(count: number): Promise<void>;
  close(): void;
}

/** What a receiver does with a request, once it is whole: an HTTP status, or nothing at all. */
export type HttpAnswer = () => number | 'silence';

const PROTO = fileURLToPath(new URL('./otlp.proto', import.meta.url));
const EXPORT = exportMethod();

function exportMethod(): MethodDefinition<OtlpRequest, object> {
  // Decoded by protobufjs from the published messages: nothing of it is the sender's.
  const service = loadSync(PROTO, { longs: String, arrays: true })[
    'opentelemetry.proto.collector.metrics.v1.MetricsService'
  ];
  const method = (service as Readonly<Record<string, MethodDefinition<OtlpRequest, object>>> | undefined)?.['Export'];
  if (method === undefined) throw new Error('no Export in the .proto');
  return method;
}

/** A receiver of OTLP over HTTP, in protobuf and in JSON, at a free port of 127.0.0.1. */
export async function startHttpReceiver(t: TestContext, answer: HttpAnswer = () => 200): Promise<OtlpReceiver> {
  const requests: OtlpRequest[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    void takeRequest(request, response).then((taken) => {
      headers.push(request.headers);
      requests.push(taken);
      const given = answer();
      if (given === 'silence') return;
      response.writeHead(given, { 'content-type': request.headers['content-type'] ?? '' });
      response.end(request.headers['content-type'] === 'application/json' ? '{}' : '');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  t.after(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, headers, received: waitFor(requests), close };
}

async function takeRequest(request: IncomingMessage, response: ServerResponse): Promise<OtlpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks);
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  if (request.url !== '/v1/metrics') response.statusCode = 404;
  if (request.headers['content-type'] === 'application/json') return JSON.parse(body.toString()) as OtlpRequest;
  return EXPORT.requestDeserialize(body);
}

/** The same over gRPC. `accepts` says whether a request is taken, or answered with UNAVAILABLE. */
export async function startGrpcReceiver(t: TestContext, accepts: () => boolean = () => true): Promise<OtlpReceiver> {
  const requests: OtlpRequest[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const take: UntypedHandleCall = (
    call: unknown,
    callback: (error: Partial<ServiceError> | null, value?: object) => void,
  ) => {
    const { request, metadata } = call as ServerUnaryCall<OtlpRequest, object>;
    requests.push(request);
    headers.push(metadata.getMap() as IncomingHttpHeaders);
    if (accepts()) callback(null, {});
    else callback({ code: status.UNAVAILABLE, details: 'not now' });
  };
  const server = new Server();
  server.addService({ Export: EXPORT }, { Export: take });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const close = (): void => {
    server.forceShutdown();
  };
  t.after(close);
  return { url: `http://127.0.0.1:${port}`, requests, headers, received: waitFor(requests), close };
}

function waitFor(requests: readonly OtlpRequest[]): OtlpReceiver['received'] {
  return async (count) => {
    await eventually(`${count} requests`, () => requests.length >= count, 30);
  };
}
