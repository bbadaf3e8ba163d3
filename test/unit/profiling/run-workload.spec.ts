import { runWorkload } from '../../../src/profiling/child/run-workload.js';
import { WORKLOAD } from '../../fixtures/workload.js';

it('refuses counts that the network has no places for', async () => {
  const workload = {
    ...WORKLOAD,
    applicationType: 'inference',
    objectsPerImage: null,
    candidatesPerImage: 27_001,
    detectionsPerImage: 300,
    optimizer: null,
  } as const;
  const limits = { maxSteps: 1, maxSeconds: 1, memoryBudgetBytes: Infinity };
  await expect(runWorkload(workload, limits, () => undefined)).rejects.toMatchObject({
    failure: { code: 'counts-out-of-range', message: expect.stringContaining('27001 candidates') as unknown },
  });
});
