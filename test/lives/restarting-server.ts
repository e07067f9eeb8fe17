import { startStockServer } from '../../src/simulator/stock-server.ts';
import type { StockServer } from '../../src/simulator/stock-server.ts';
import type { World } from './world.ts';

/** An allocation server that nobody reports to, and that is there or not: the regions' bytes are no matter of it. */
export class RestartingServer implements AsyncDisposable {
  readonly #world: World;
  #server: StockServer | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** Ends it where it runs, else starts it. */
  async restart(): Promise<void> {
    if (this.#server !== undefined) {
      await this[Symbol.asyncDispose]();
      return;
    }
    this.#world.note('an allocation server starts');
    this.#server = await startStockServer({ path: this.#world.host.socket, dialect: 'B', devices: [] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server === undefined) return;
    this.#world.note('the allocation server ends');
    await this.#server.close();
    this.#server = undefined;
  }
}
