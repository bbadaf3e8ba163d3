import { ArchitectureFactsService } from '../../src/architectures/architecture-facts.service.js';
import { architectureSummaryCodec } from '../../src/architectures/architecture-summary.codec.js';
import { summarise } from '../../src/architectures/architecture-summary.js';
import { architectures } from '../../src/engine/zoo/catalogue.js';
import { networkFacts } from '../../src/engine/zoo/facts.js';
import type { WorkloadDto } from '../../src/estimates/dto/workload.dto.js';
import { toNetwork } from '../../src/estimates/request/requested-network.js';
import { toWorkload } from '../../src/estimates/request/requested-workload.js';
import { workloadKey } from '../../src/profiles/workload-key.js';

type Settings = Readonly<Record<string, { readonly default: unknown; readonly maximum?: number }>>;

interface Told {
  readonly options: Settings;
  readonly counts: Readonly<Record<WorkloadDto['application_type'], Settings>> | null;
}

const facts = new ArchitectureFactsService();

describe.each([...architectures.values()].map((description) => [description.name, description] as const))(
  'what is told of %s',
  (architecture, description) => {
    let told: Told;

    beforeAll(async () => {
      const summary = await summarise(description, (options) => facts.inTurn(description, options));
      told = architectureSummaryCodec.encode(summary) as unknown as Told;
    });

    const request = (
      type: WorkloadDto['application_type'],
      fields: Readonly<Record<string, unknown>> = {},
    ): WorkloadDto => ({
      ...fields,
      architecture,
      batch_size: 2,
      image_size: [...description.defaultImageSize],
      application_type: type,
    });
    const settings = (type: WorkloadDto['application_type']): Settings => ({ ...told.options, ...told.counts?.[type] });
    const keyOf = (dto: WorkloadDto): string => workloadKey(toWorkload(dto, toNetwork(dto), 1));

    it.each(['training', 'inference'] as const)('are the defaults that are taken: %s', (type) => {
      const entries = Object.entries(settings(type)).map(([field, setting]) => [field, setting.default] as const);
      const written = request(type, Object.fromEntries(entries));
      expect(keyOf(written)).toBe(keyOf(request(type)));
      expect(toNetwork(written).warnings).toEqual([]);
    });

    it.each(['training', 'inference'] as const)('are limits within which all is taken: %s', (type) => {
      const entries = Object.entries(settings(type)).flatMap(([field, { maximum }]) =>
        // More classes have more candidates than those of the default number.
        maximum === undefined || field === 'num_classes' ? [] : [[field, maximum] as const],
      );
      expect(() => toNetwork(request(type, Object.fromEntries(entries)))).not.toThrow();
    });

    it('is the smallest image of which something is left', () => {
      const { defaults, smallestImageSide: side } = description;
      expect(() => networkFacts(architecture, defaults, 1, [side, side])).not.toThrow();
      if (side > 1) {
        expect(() => networkFacts(architecture, defaults, 1, [side - 1, side - 1])).toThrow('larger than');
      }
    });
  },
);
