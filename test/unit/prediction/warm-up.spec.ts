import { warmUp } from '../../../src/prediction/warm-up.js';
import { workloadOf } from '../../fixtures/observed.js';

const trainingOf = (batchSize: number) =>
  workloadOf({ architecture: 'resnet18', applicationType: 'training', batchSize, imageSize: [64, 64] });

const graphsFor = (count: number): number =>
  [...warmUp(Array.from({ length: count }, (_, index) => trainingOf(2 + index)))].length;

describe('warming up', () => {
  it('builds as many graphs as are missing to 64, and pauses after each', () => {
    expect(graphsFor(3)).toBe(61);
    expect(graphsFor(60)).toBe(4);
  });

  it('builds none where as many were measured, nor where nothing was', () => {
    expect(graphsFor(64)).toBe(0);
    expect(graphsFor(0)).toBe(0);
  });
});
