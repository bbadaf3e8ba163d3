import { calibrationWorkloads } from '../../../src/calibration/calibration-workloads.js';
import { architectures } from '../../../src/engine/zoo/catalogue.js';
import { untrainableReason } from '../../../src/engine/zoo/facts.js';
import { workloadKey } from '../../../src/profiles/workload-key.js';

describe('calibrationWorkloads', () => {
  const workloads = calibrationWorkloads(2);

  it('are different from each other, with all cores', () => {
    expect(new Set(workloads.map(workloadKey)).size).toBe(workloads.length);
    expect(workloads.every(({ threads }) => threads === 2)).toBe(true);
  });

  it('can all be trained that are to be', () => {
    const training = workloads.filter(({ applicationType }) => applicationType === 'training');
    for (const { architecture, options, batchSize, imageSize } of training) {
      expect(untrainableReason(architecture, options, batchSize, imageSize)).toBeNull();
    }
  });

  it('begin with one training and one inference of each architecture', () => {
    const kinds = workloads.map(({ architecture, applicationType }) => `${architecture} ${applicationType}`);
    const different = new Set(kinds);
    expect(new Set(kinds.slice(0, different.size))).toEqual(different);
  });

  it('are of all tasks', () => {
    const tasks = new Set(workloads.map(({ architecture }) => architectures.get(architecture)?.task));
    expect([...tasks].sort()).toEqual(['classification', 'detection', 'instance', 'segmentation']);
  });

  it('have detectors compute the images as they are', () => {
    const resizing = workloads.filter(({ options }) => options.minSize !== null);
    expect(resizing.length).toBeGreaterThan(0);
    for (const { options, imageSize } of resizing) expect([options.minSize, options.maxSize]).toEqual(imageSize);
  });
});
