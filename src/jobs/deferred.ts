/** A promise that is settled from outside; nobody has to wait for it. */
export class Deferred<T> {
  resolve!: (value: T) => void;
  reject!: (reason: Error) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    // A rejection that nobody waits for would end the process.
    this.promise.catch(() => undefined);
  }
}
