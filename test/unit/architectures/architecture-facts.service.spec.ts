import { ArchitectureFactsService } from '../../../src/architectures/architecture-facts.service.js';
import type { ArchitectureDescription } from '../../../src/engine/zoo/description.js';
import { architectures } from '../../../src/engine/zoo/catalogue.js';

describe('the facts of an architecture', () => {
  const facts = new ArchitectureFactsService();
  const ssdlite = described('ssdlite320_mobilenet_v3_large');

  it.each([
    ['default', 5_198_540],
    ['none', 3_440_060],
  ] as const)('are those that torchvision documents, for weights_backbone %s', (weightsBackbone, parameters) => {
    expect(facts.of(ssdlite, { ...ssdlite.defaults, weightsBackbone })).toMatchObject({ parameters });
  });

  it('are counted once for each set of options', () => {
    const first = facts.of(ssdlite, ssdlite.defaults);
    expect(facts.of(ssdlite, { ...ssdlite.defaults })).toBe(first);
    expect(facts.of(ssdlite, { ...ssdlite.defaults, numClasses: 2 })).not.toBe(first);
  });
});

function described(name: string): ArchitectureDescription {
  const description = architectures.get(name);
  if (description === undefined) {
    throw new Error(`The catalogue has no ${name}.`);
  }
  return description;
}
