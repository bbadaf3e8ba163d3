import { drawGrid } from '../../../bench/accuracy/grid.js';
import { PLANS } from '../../../bench/accuracy/plans.js';
import { architectures } from '../../../src/engine/zoo/catalogue.js';
import { computedImageSize } from '../../../src/engine/zoo/facts.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { workloadKey } from '../../../src/profiles/workload-key.js';

const RULE = { seed: 5, workloads: 6, threads: 2 };

function keysOf(grid: readonly Workload[]): readonly string[] {
  return grid.map(workloadKey);
}

describe('drawGrid', () => {
  const grid = drawGrid(PLANS, RULE);

  it('draws the same workloads for another runtime', () => {
    const ofTorch = drawGrid(PLANS, { ...RULE, runtime: 'pytorch' });
    expect(ofTorch).toEqual(grid.map((workload) => ({ ...workload, runtime: 'pytorch' })));
  });

  it('draws as many different workloads of each architecture, trained and used', () => {
    const counts = new Map<string, number>();
    for (const { architecture, applicationType } of grid) {
      const kind = `${architecture} ${applicationType}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    expect(counts.size).toBe(2 * PLANS.length);
    expect([...counts.values()].every((count) => count === RULE.workloads)).toBe(true);
    expect(new Set(keysOf(grid)).size).toBe(grid.length);
  });

  it('is the same with the same seed, and another with another', () => {
    expect(keysOf(drawGrid(PLANS, RULE))).toEqual(keysOf(grid));
    expect(keysOf(drawGrid(PLANS, { ...RULE, seed: 6 }))).not.toEqual(keysOf(grid));
  });

  it('has in its first turn every architecture once, trained and used', () => {
    expect(keysOf(drawGrid(PLANS, { ...RULE, workloads: 1 }))).toEqual(keysOf(grid.slice(0, 2 * PLANS.length)));
  });

  it('is a part of a larger one, whichever architectures it has', () => {
    const larger = new Set(keysOf(drawGrid(PLANS, { ...RULE, workloads: 9 })));
    expect(keysOf(drawGrid(PLANS.slice(3, 5), RULE)).every((key) => larger.has(key))).toBe(true);
  });

  it('keeps the work of a batch within what the plan allows, and within a sixteenth of it', () => {
    for (const { architecture, options, applicationType, batchSize, imageSize } of grid) {
      const most = PLANS.find((plan) => plan.architecture === architecture)?.mostMegapixels[applicationType] ?? 0;
      const [height, width] = computedImageSize(architecture, options, imageSize);
      const megapixels = (batchSize * height * width) / 1e6;
      expect(megapixels).toBeLessThanOrEqual(most);
      expect(megapixels).toBeGreaterThanOrEqual(most / 16);
    }
  });

  it('has detectors compute the images as they are given, where they can', () => {
    const resizing = grid.filter(({ options }) => options.minSize !== null);
    expect(resizing.length).toBeGreaterThan(0);
    for (const { options, imageSize } of resizing) {
      expect([options.minSize, options.maxSize]).toEqual([Math.min(...imageSize), Math.max(...imageSize)]);
    }
  });

  it('covers all tasks', () => {
    const tasks = new Set(PLANS.map(({ architecture }) => architectures.get(architecture)?.task));
    expect([...tasks].sort()).toEqual(['classification', 'detection', 'instance', 'segmentation']);
  });

  it('says so where there are not so many to be drawn', () => {
    const mostMegapixels = { training: 0.01, inference: 0.01 };
    const plan = { architecture: 'resnet18', sides: [64], mostMegapixels, mostImages: null, positives: [] };
    expect(() => drawGrid([plan], RULE)).toThrow(/has not 6 workloads of training/);
  });
});
