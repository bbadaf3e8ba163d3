import type { OperatorName } from '../../../src/engine/graph/operators.js';
import { workloadCosts } from '../../../src/prediction/workload-costs.js';
import { operatorKind } from '../../../src/prediction/operator-kind.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { workloadOf } from '../../fixtures/observed.js';

const PRODUCTS: ReadonlySet<OperatorName> = new Set(['FusedMatMul', 'Gemm', 'MatMul']);

const sized = (workload: Omit<Workload, 'imageSize'>, side: number): Workload => ({
  ...workload,
  imageSize: [side, side],
});

function kindsOf(workload: Workload): readonly string[] {
  const keys = workloadCosts(workload).operators.map((cost) => operatorKind(cost).key);
  return [...new Set(keys)].sort();
}

describe('the form of a node', () => {
  it.each([
    ['maskrcnn_resnet50_fpn', 'inference'],
    ['vgg16', 'training'],
  ] as const)('of %s, %s, is the same whatever the size of images', (architecture, applicationType) => {
    const workload = workloadOf({ architecture, applicationType, batchSize: 2, imageSize: [192, 192] });
    // Where the network resizes images, to what it is asked to.
    const asIs = (side: number): Workload =>
      sized({ ...workload, options: { ...workload.options, minSize: side, maxSize: side } }, side);
    expect(kindsOf(asIs(256))).toEqual(kindsOf(asIs(192)));
  });

  it('of a product tells the sizes of its weights, and so does that of their gradient', () => {
    const workload = workloadOf({
      architecture: 'vgg16',
      applicationType: 'training',
      batchSize: 2,
      imageSize: [64, 64],
    });
    const products = workloadCosts(workload).operators.filter(
      ({ operator, phase }) => PRODUCTS.has(operator as OperatorName) && phase === 'backward',
    );
    expect(products.map(({ form }) => form.slice(0, 2))).toContainEqual([4096, 25_088]);
  });
});
