/** Calls at the multiples of an interval since its start, so that calls that come late neither add up nor are made up for. */
export class GridTimer {
  private begun = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly intervalSeconds: number,
    private readonly call: () => void,
  ) {}

  /** The first call comes after one interval. */
  start(): void {
    this.begun = performance.now();
    this.schedule();
  }

  /** @returns whether it ran */
  stop(): boolean {
    if (this.timer === null) return false;
    clearTimeout(this.timer);
    this.timer = null;
    return true;
  }

  private schedule(): void {
    const interval = this.intervalSeconds * 1000;
    const elapsed = performance.now() - this.begun;
    const next = (Math.floor(elapsed / interval) + 1) * interval;
    this.timer = setTimeout(
      () => {
        this.call();
        this.schedule();
      },
      Math.ceil(next - elapsed),
    );
  }
}
