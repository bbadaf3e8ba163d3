/** The values that were asked for last; of more than `capacity` the one that nobody has asked for the longest goes. */
export class LruCache<K, V> {
  /** In the order in which they were asked for last: a Map remembers that of insertion. */
  private readonly entries = new Map<K, V>();

  constructor(private capacity: number) {}

  /** @param capacity less than before changes nothing */
  growTo(capacity: number): void {
    this.capacity = Math.max(this.capacity, capacity);
  }

  get(key: K): V | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.capacity) return;
      this.entries.delete(oldest);
    }
  }

  clear(): void {
    this.entries.clear();
  }
}
