/** A piece of a region, handed out or free. */
interface Chunk {
  /** Where it begins; the addresses of regions do not touch. */
  address: number;
  bytes: number;
  isFree: boolean;
  before: Chunk | null;
  after: Chunk | null;
}

/** Memory that was handed out. */
export type Allocation = Readonly<Pick<Chunk, 'address' | 'bytes'>>;

const GRANULE = 256;
const BINS = 21;
const FIRST_REGION_BYTES = 2 ** 20;
const LARGEST_REGION_BYTES = 2 ** 30;
/** What a chunk may be larger than asked for, if it is less than twice as large. */
const MOST_DEAD_BYTES = 128 * 2 ** 20;
const PAGE_BYTES = 4096;
/** Regions lie so far apart, the later ones at lower addresses, as the system maps them. */
const REGION_DISTANCE = 2 ** 42;

/**
 * onnxruntime's arena for the memory of tensors, as of version 1.30 (core/framework/bfc_arena.cc): best fit with coalescing.
 * Regions of memory are taken from the system, each twice as large as the last or as a power of two holds the request, and
 * never given back. A request is rounded up to 256 bytes and gets the smallest free chunk that holds it, of the lowest
 * address; what is over stays free if that is as much again, or 128 MiB, and else is lost until the chunk is given back.
 */
export class Arena {
  /** Handed out. */
  bytesInUse = 0;
  /** Taken from the system. */
  bytesHeld = 0;
  private nextRegionBytes = FIRST_REGION_BYTES;
  private nextRegionAddress = 0;
  /** Free chunks by size class, each by size and address. */
  private readonly bins: Chunk[][] = Array.from({ length: BINS }, () => []);
  private readonly touched = new Touched();

  /** @param bytes more than 0 */
  allocate(bytes: number): Allocation {
    const wanted = Math.ceil(bytes / GRANULE) * GRANULE;
    const chunk = this.take(wanted) ?? this.extended(wanted);
    if (chunk.bytes >= 2 * wanted || chunk.bytes - wanted >= MOST_DEAD_BYTES) this.split(chunk, wanted);
    chunk.isFree = false;
    this.bytesInUse += chunk.bytes;
    this.touched.add(chunk.address, bytes);
    return chunk;
  }

  /** @param allocation that this arena has made, and that was not given back before */
  free(allocation: Allocation): void {
    let chunk = allocation as Chunk;
    this.bytesInUse -= chunk.bytes;
    chunk.isFree = true;
    const { after, before } = chunk;
    if (after?.isFree) {
      this.remove(after);
      merge(chunk, after);
    }
    if (before?.isFree) {
      this.remove(before);
      merge(before, chunk);
      chunk = before;
    }
    this.insert(chunk);
  }

  /** Of the pages that were ever written to, as far as what was asked for reaches; the system gives no others. */
  get touchedBytes(): number {
    return this.touched.bytes;
  }

  private take(wanted: number): Chunk | null {
    for (let bin = binOf(wanted); bin < BINS; bin++) {
      const chunks = this.bins[bin] ?? [];
      const index = chunks.findIndex(({ bytes }) => bytes >= wanted);
      const [found] = index < 0 ? [] : chunks.splice(index, 1);
      if (found) return found;
    }
    return null;
  }

  private extended(wanted: number): Chunk {
    let doubled = false;
    while (wanted > this.nextRegionBytes) {
      this.nextRegionBytes *= 2;
      doubled = true;
    }
    const bytes = this.nextRegionBytes;
    if (!doubled) this.nextRegionBytes = Math.min(2 * bytes, LARGEST_REGION_BYTES);
    this.nextRegionAddress -= REGION_DISTANCE;
    this.bytesHeld += bytes;
    return { address: this.nextRegionAddress, bytes, isFree: true, before: null, after: null };
  }

  private split(chunk: Chunk, bytes: number): void {
    const rest: Chunk = {
      address: chunk.address + bytes,
      bytes: chunk.bytes - bytes,
      isFree: true,
      before: chunk,
      after: chunk.after,
    };
    if (chunk.after) chunk.after.before = rest;
    chunk.after = rest;
    chunk.bytes = bytes;
    this.insert(rest);
  }

  private insert(chunk: Chunk): void {
    const bin = this.bins[binOf(chunk.bytes)] ?? [];
    bin.splice(placeOf(bin, chunk), 0, chunk);
  }

  private remove(chunk: Chunk): void {
    const bin = this.bins[binOf(chunk.bytes)] ?? [];
    bin.splice(placeOf(bin, chunk), 1);
  }
}

function merge(chunk: Chunk, next: Chunk): void {
  chunk.bytes += next.bytes;
  chunk.after = next.after;
  if (next.after) next.after.before = chunk;
}

function binOf(bytes: number): number {
  return Math.min(BINS - 1, Math.floor(Math.log2(Math.max(1, Math.floor(bytes / GRANULE)))));
}

/** Where a chunk stands or would stand in its bin. */
function placeOf(bin: readonly Chunk[], { bytes, address }: Chunk): number {
  let [low, high] = [0, bin.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = bin[middle];
    if (other && (other.bytes < bytes || (other.bytes === bytes && other.address < address))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pages of all stretches of memory that were written to. */
class Touched {
  bytes = 0;
  private readonly stretches: { first: number; end: number }[] = [];

  add(address: number, bytes: number): void {
    let first = Math.floor(address / PAGE_BYTES);
    let end = Math.ceil((address + bytes) / PAGE_BYTES);
    let index = this.stretches.findIndex((stretch) => stretch.end >= first);
    if (index < 0) index = this.stretches.length;
    let count = 0;
    for (let next = this.stretches[index]; next && next.first <= end; next = this.stretches[index + count]) {
      first = Math.min(first, next.first);
      end = Math.max(end, next.end);
      this.bytes -= (next.end - next.first) * PAGE_BYTES;
      count++;
    }
    this.bytes += (end - first) * PAGE_BYTES;
    this.stretches.splice(index, count, { first, end });
  }
}
