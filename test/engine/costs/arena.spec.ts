import { Arena } from '../../../src/engine/costs/arena.js';

const MEBIBYTE = 2 ** 20;

describe('Arena', () => {
  test('rounds up to 256 bytes', () => {
    const arena = new Arena();
    arena.allocate(1);
    expect(arena.bytesInUse).toBe(256);
    arena.allocate(257);
    expect(arena.bytesInUse).toBe(256 + 512);
  });

  test('takes regions that double, and larger ones for what does not fit', () => {
    const arena = new Arena();
    arena.allocate(MEBIBYTE);
    expect(arena.bytesHeld).toBe(MEBIBYTE);
    arena.allocate(MEBIBYTE);
    expect(arena.bytesHeld).toBe(3 * MEBIBYTE);
    arena.allocate(9 * MEBIBYTE);
    expect(arena.bytesHeld).toBe(19 * MEBIBYTE);
    // The region of 16 MiB has 7 left.
    arena.allocate(8 * MEBIBYTE);
    expect(arena.bytesHeld).toBe(35 * MEBIBYTE);
  });

  test('gives the smallest piece that is large enough, and keeps the rest for others', () => {
    const arena = new Arena();
    const large = arena.allocate(100 * 256);
    arena.allocate(256);
    const small = arena.allocate(50 * 256);
    arena.allocate(256);
    arena.free(large);
    arena.free(small);
    expect(arena.allocate(40 * 256).address).toBe(small.address);
    expect(arena.allocate(40 * 256).address).toBe(large.address);
    expect(arena.allocate(40 * 256).address).toBe(large.address + 40 * 256);
  });

  test('loses what is left of a piece that is less than twice as large, until it is given back', () => {
    const arena = new Arena();
    const piece = arena.allocate(19 * 256);
    arena.allocate(256);
    arena.free(piece);
    const before = arena.bytesInUse;
    const smaller = arena.allocate(10 * 256);
    expect(arena.bytesInUse - before).toBe(19 * 256);
    arena.free(smaller);
    expect(arena.bytesInUse).toBe(before);
  });

  test('joins neighbours that are free', () => {
    const arena = new Arena();
    const pieces = Array.from({ length: 3 }, () => arena.allocate(256 * 1024));
    arena.allocate(256 * 1024);
    for (const index of [0, 2, 1]) {
      const piece = pieces[index];
      if (piece) arena.free(piece);
    }
    arena.allocate(3 * 256 * 1024);
    expect(arena.bytesHeld).toBe(MEBIBYTE);
  });

  test('counts pages that were written to, once', () => {
    const arena = new Arena();
    arena.free(arena.allocate(4096));
    expect(arena.touchedBytes).toBe(4096);
    arena.free(arena.allocate(8000));
    expect(arena.touchedBytes).toBe(8192);
    const first = arena.allocate(100);
    arena.allocate(4096 * 3 - 256);
    arena.free(first);
    expect(arena.touchedBytes).toBe(4096 * 3);
  });
});
