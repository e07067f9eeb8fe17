import type { Source, SourceContext } from '../source.ts';
import type { Dialect } from '../../protocol/layout.ts';
import { connectSocket, receivingMemory } from './connect.ts';
import { ServerConnection } from './connection.ts';
import type { Talk } from './connection.ts';
import { converse } from './conversation.ts';
import { PeerError } from './peer-error.ts';
import { probeDialect } from './probe.ts';
import { ServerRun } from './run.ts';
import type { RunResult, RunTools } from './run.ts';
import { checkSocket } from './socket-check.ts';
import type { SocketCheck, SocketIdentity, TrustRules } from './socket-check.ts';
import type { AllocationServerReading } from './types.ts';
import { before } from './before.ts';

export interface AllocationServerOptions {
  readonly socketPath: string;
  /** A user, by name or number, whose socket is believed beside root's and the exporter's own. */
  readonly trustedOwner: string | undefined;
  readonly log?: (message: string) => void;
  /** Default: the effective uid of this process. */
  readonly ownUid?: number;
  /** Default: /etc/passwd. */
  readonly passwdPath?: string;
  /** Told of each connection, which fills what it is told of as it goes on. */
  readonly onTalk?: ((talk: Talk) => void) | undefined;
}

export interface AllocationServerSource extends Source<AllocationServerReading> {
  /**
   * Connections on which answers may still be to come, parked or in use. Ending this process while there are any can
   * kill a stock server, and the jobs that report to it.
   */
  parked(): number;
}

/**
 * Reads the allocation server over its Unix socket, in whatever dialect it speaks. It keeps between runs which
 * dialect the socket's server was found to speak, and the connections that may not be closed yet.
 */
export function createAllocationServerSource(options: AllocationServerOptions): AllocationServerSource {
  return new ServerSource(options);
}

class ServerSource implements AllocationServerSource {
  readonly name = 'allocation_server';
  readonly #path: string;
  readonly #rules: TrustRules;
  readonly #log: (message: string) => void;
  readonly #onTalk: ((talk: Talk) => void) | undefined;
  readonly #open = new Set<ServerConnection>();
  /** Of a connection that is over; undefined while it is in use. */
  #memory: Buffer | undefined;
  #finding: { readonly version: string; readonly dialect: Dialect } | undefined;
  #check: Promise<SocketCheck> | undefined;
  #run: ServerRun | undefined;
  #closed = false;

  constructor(options: AllocationServerOptions) {
    this.#path = options.socketPath;
    this.#log = options.log ?? ((): void => undefined);
    this.#onTalk = options.onTalk;
    this.#rules = {
      ownUid: options.ownUid ?? process.geteuid?.() ?? 0,
      trustedOwner: options.trustedOwner,
      passwdPath: options.passwdPath ?? '/etc/passwd',
    };
  }

  start(context: SourceContext): ServerRun {
    const forget = (): void => {
      this.#finding = undefined;
    };
    const run = new ServerRun(context.deadline.signal, (tools) => this.#read(tools), forget);
    this.#run = run;
    return run;
  }

  parked(): number {
    return this.#open.size;
  }

  /** Resolves when the last parked connection is over, which a stuck server can put off for ever: bound the wait. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#run?.abort();
    await this.#run?.done;
    await Promise.all(Array.from(this.#open, (connection) => connection.over));
  }

  async #read(tools: RunTools): Promise<RunResult> {
    if (this.#closed) throw new PeerError('closed', 'the source is closed');
    if (tools.signal.aborted) throw new PeerError('deadline', 'no time was left to begin');
    if (this.#open.size > 0) {
      const message = `${this.#path}: an earlier connection still waits for its answers, so no other one is opened`;
      throw new PeerError('parked', message);
    }
    const check = await this.#checkSocket(tools.signal);
    if (check.kind !== 'trusted') return check;
    const dialect = await this.#dialectOf(check.identity, tools);
    await this.#connected(check.identity, tools, false, (connection) =>
      converse(connection, dialect, tools.draft, tools.plausibility),
    );
    return { kind: 'read' };
  }

  async #dialectOf(identity: SocketIdentity, tools: RunTools): Promise<Dialect> {
    if (this.#finding?.version === identity.version) return this.#finding.dialect;
    const dialect = await this.#connected(identity, tools, true, probeDialect);
    this.#finding = { version: identity.version, dialect };
    this.#log(`${this.#path}: the server speaks dialect ${dialect}`);
    return dialect;
  }

  /** Connects, talks, and lets go of the connection without harm to the server. */
  async #connected<T>(
    identity: SocketIdentity,
    tools: RunTools,
    readsToEnd: boolean,
    talk: (connection: ServerConnection) => Promise<T>,
  ): Promise<T> {
    const memory = this.#memory ?? receivingMemory();
    this.#memory = undefined;
    const socket = await connectSocket(this.#path, tools.signal, memory);
    const connection = new ServerConnection(socket, tools.signal, this.#overheard());
    this.#open.add(connection);
    void connection.over.then(() => {
      this.#open.delete(connection);
      this.#memory = memory;
    });
    let misfit = readsToEnd;
    try {
      await this.#checkAgain(identity, tools.signal);
      return await talk(connection);
    } catch (error) {
      misfit ||= !(error instanceof PeerError) || error.fault === 'extra_bytes' || error.fault === 'document_too_large';
      throw error;
    } finally {
      await this.#release(connection, misfit);
    }
  }

  /** undefined where nobody listens. */
  #overheard(): Talk | undefined {
    if (this.#onTalk === undefined) return undefined;
    const talk: Talk = { sent: [], received: [] };
    this.#onTalk(talk);
    return talk;
  }

  async #release(connection: ServerConnection, misfit: boolean): Promise<void> {
    if (connection.release(misfit) === 'parked') {
      this.#log(`${this.#path}: answers are still to come: the connection is kept open until they have`);
    } else await connection.over;
  }

  /** The path may lead to another socket since it was checked: then this connection is to somebody else. */
  async #checkAgain(identity: SocketIdentity, signal: AbortSignal): Promise<void> {
    const check = await this.#checkSocket(signal);
    if (check.kind === 'trusted' && check.identity.file === identity.file) return;
    throw new PeerError('socket_replaced', `${this.#path} was replaced while it was being connected to`);
  }

  /** A file system that hangs is waited for until the deadline, and not asked a second time meanwhile. */
  async #checkSocket(signal: AbortSignal): Promise<SocketCheck> {
    if (this.#check !== undefined) throw new PeerError('deadline', `${this.#path}: its file system does not answer`);
    const check = checkSocket(this.#path, this.#rules);
    this.#check = check;
    void check.finally(() => {
      this.#check = undefined;
    });
    return await before(signal, check, `${this.#path}: its file system did not answer in time`);
  }
}
