import { type Example, findResiduals } from '../../../src/prediction/residuals.js';

function example(architecture: string, images: number, pixels = 100): Example {
  return { network: architecture, architecture, extent: { images, pixels, counts: [] } };
}

/** What is found where every prediction is 1, and which sets were left out for it. */
function found(examples: readonly Example[]): {
  readonly trials: readonly (readonly Example[])[];
  readonly counts: Readonly<Record<string, number>>;
} {
  const trials: (readonly Example[])[] = [];
  const finding = findResiduals(
    examples,
    () => 2,
    (left) => (trials.push(left), left.map(() => 1)),
  );
  let step = finding.next();
  while (step.done !== true) step = finding.next();
  return { trials, counts: Object.fromEntries(Array.from(step.value, ([support, { length }]) => [support, length])) };
}

describe('findResiduals', () => {
  it('leaves out no set of examples twice', () => {
    // Alone, the largest batch and the only one of its architecture are the same sets.
    const { trials } = found([example('a', 1), example('a', 2), example('b', 1)]);
    const keys = trials.map((left) => left.map(({ architecture, extent }) => `${architecture}${extent.images}`).join());
    expect(keys).toEqual(['a1', 'a2', 'b1', 'a1,a2']);
  });

  it('has one error of each example for each support', () => {
    const examples = [1, 2, 3, 4, 5, 6].map((images) => example('a', images));
    // Of 1 to 6 alone 1 and 6 are beyond; 4 to 6 are, left out together, and 6 counts once.
    expect(found([...examples, example('b', 1)]).counts).toEqual({ inside: 4, beyond: 4, unmeasured: 7 });
  });

  it('tries both axes of as many networks as it may, not one of the two', () => {
    const names = Array.from({ length: 65 }, (_, index) => `network ${index}`);
    const examples = names.flatMap((name) => [
      example(name, 1, 100),
      example(name, 2, 100),
      example(name, 2, 100),
      example(name, 1, 400),
      example(name, 1, 400),
    ]);
    const { trials } = found(examples);
    const pairs = trials.filter(({ length }) => length === 2);
    expect(pairs.filter(([first]) => first?.extent.images === 2).length).toBe(64);
    expect(pairs.filter(([first]) => first?.extent.pixels === 400).length).toBe(64);
  });
});
