import type { ArchitectureDescription, NetworkOptions, Task, WeightsBackbone } from '../engine/zoo/description.js';
import type { NetworkFacts } from '../engine/zoo/facts.js';
import { countFields, optionFields, type CountFields, type OptionFields } from './request-fields.js';

type Counted = Pick<NetworkFacts, 'parameters' | 'trainableParameters' | 'forwardMultiplyAccumulates'>;

/** One way to build an architecture, and what it comes to. */
export interface Variant extends Counted {
  readonly weightsBackbone: WeightsBackbone;
}

/** An architecture as the catalogue's endpoint shows it. */
export interface ArchitectureSummary extends Counted {
  readonly name: string;
  readonly task: Task;
  readonly defaultImageSize: readonly [height: number, width: number];
  readonly computedImageSize: readonly [height: number, width: number];
  readonly smallestImageSide: number;
  readonly resizeRule: string;
  readonly options: OptionFields;
  readonly counts: CountFields | null;
  readonly variants: readonly Variant[];
}

/** @param factsOf counts of the architecture with these options, for one image of its default size */
export async function summarise(
  description: ArchitectureDescription,
  factsOf: (options: NetworkOptions) => Promise<NetworkFacts>,
): Promise<ArchitectureSummary> {
  const { defaults } = description;
  const usual = await factsOf(defaults);
  const variants: Variant[] = [];
  for (const weightsBackbone of description.variants) {
    variants.push({ weightsBackbone, ...counted(await factsOf({ ...defaults, weightsBackbone })) });
  }
  return {
    name: description.name,
    task: description.task,
    ...counted(usual),
    defaultImageSize: description.defaultImageSize,
    computedImageSize: usual.computedImageSize,
    smallestImageSide: description.smallestImageSide,
    resizeRule: description.resizeRule,
    options: optionFields(description),
    counts: countFields(description),
    variants,
  };
}

function counted({ parameters, trainableParameters, forwardMultiplyAccumulates }: NetworkFacts): Counted {
  return { parameters, trainableParameters, forwardMultiplyAccumulates };
}
