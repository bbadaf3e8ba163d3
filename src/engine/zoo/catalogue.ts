import type { Architecture } from './architecture.js';
import { resNetClassifiers } from './classification/resnet-classifiers.js';
import type { ArchitectureDescription } from './description.js';
import { fcosResNet50Fpn } from './detection/fcos/fcos.js';
import { fasterRcnnResNet50Fpn, maskRcnnResNet50Fpn } from './detection/rcnn/rcnn.js';
import { retinaNetResNet50Fpn, retinaNetResNet50FpnV2 } from './detection/retinanet/retinanet.js';
import { ssdlite320MobileNetV3Large } from './detection/ssd/ssdlite320-mobilenet-v3-large.js';

const BUILDERS: ReadonlyMap<string, Architecture> = new Map(
  [
    ssdlite320MobileNetV3Large,
    fasterRcnnResNet50Fpn,
    maskRcnnResNet50Fpn,
    retinaNetResNet50Fpn,
    retinaNetResNet50FpnV2,
    fcosResNet50Fpn,
    ...resNetClassifiers,
  ].map((architecture) => [architecture.description.name, architecture]),
);

/** Every architecture, by torchvision's name. A Map, so that no inherited property passes for a name. */
export const architectures: ReadonlyMap<string, ArchitectureDescription> = new Map(
  [...BUILDERS].map(([name, { description }]) => [name, description]),
);

/** A name that the catalogue does not hold. */
export class UnknownArchitectureError extends Error {
  readonly code = 'unknown-architecture';
}

/** The builder of an architecture, by torchvision's name. @throws UnknownArchitectureError */
export function architectureNamed(name: string): Architecture {
  const architecture = BUILDERS.get(name);
  if (!architecture) {
    throw new UnknownArchitectureError(
      `there is no architecture "${name}"; known are ${[...BUILDERS.keys()].join(', ')}`,
    );
  }
  return architecture;
}
