/** Readings at equal intervals of one figure. */
export class FigureSeries {
  private readonly values: number[] = [];
  private isLost = false;

  /** @param value null where this reading does not tell it */
  add(value: number | null): void {
    if (value !== null) this.values.push(value);
  }

  /** Of what goes on nobody tells any more: what was told before is not all of it, and there is no figure. */
  lose(): void {
    this.isLost = true;
  }

  get peak(): number | null {
    return this.isKnown ? Math.max(...this.values) : null;
  }

  get mean(): number | null {
    return this.isKnown ? this.values.reduce((sum, value) => sum + value, 0) / this.values.length : null;
  }

  private get isKnown(): boolean {
    return this.values.length > 0 && !this.isLost;
  }
}
