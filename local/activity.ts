/**
 * Counts what is going on: requests, function runs, executions between two waiting states, retries to come. Whoever moves the
 * clock waits for quiet between two hops, so the count must never touch zero while one thing is causing the next.
 */
export class Activity {
  #count = 0;
  #waiters: (() => void)[] = [];

  /** Something started. */
  begin(): void {
    this.#count += 1;
  }

  /** Something ended. What it caused must have begun before this. */
  end(): void {
    this.#count -= 1;
    if (this.#count === 0 && this.#waiters.length > 0) setImmediate(() => this.#release());
  }

  /** Counts a piece of work from now until it settles. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.begin();
    try {
      return await work();
    } finally {
      this.end();
    }
  }

  /** Resolves when nothing is going on. */
  quiet(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #release(): void {
    if (this.#count > 0) return;
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}
