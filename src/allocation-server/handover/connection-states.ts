import type { StreamState } from '../stream/message-stream.ts';

const VERSION = 1;

/** The state of connections, by name, as text. */
export function encodeStates(states: ReadonlyMap<string, StreamState>): string {
  const connections = [...states].map(([name, { frameBytes, rest }]) => [name, frameBytes, rest.toString('base64')]);
  return JSON.stringify({ version: VERSION, connections });
}

/** The same back. Of a text that is none, or of another version, nothing. */
export function decodeStates(text: string): ReadonlyMap<string, StreamState> {
  const states = new Map<string, StreamState>();
  for (const entry of connectionsOf(text)) {
    if (!Array.isArray(entry)) continue;
    const [name, frameBytes, rest] = entry as unknown[];
    if (typeof name !== 'string' || typeof frameBytes !== 'number' || typeof rest !== 'string') continue;
    states.set(name, { frameBytes, rest: Buffer.from(rest, 'base64') });
  }
  return states;
}

function connectionsOf(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Reflect.get(parsed, 'version') !== VERSION) return [];
    const connections: unknown = Reflect.get(parsed, 'connections');
    return Array.isArray(connections) ? connections : [];
  } catch {
    return [];
  }
}
