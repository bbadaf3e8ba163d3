import type { Architecture } from './architecture.js';
import { mobileNetClassifiers } from './classification/mobilenet-classifiers.js';
import { resNetClassifiers } from './classification/resnet-classifiers.js';
import { vgg16 } from './classification/vgg.js';
import type { ArchitectureDescription } from './description.js';
import { fcosResNet50Fpn } from './detection/fcos/fcos.js';
import { rcnnDetectors } from './detection/rcnn/rcnn-architectures.js';
import { retinaNetResNet50Fpn, retinaNetResNet50FpnV2 } from './detection/retinanet/retinanet.js';
import { ssd300Vgg16 } from './detection/ssd/ssd300-vgg16.js';
import { ssdlite320MobileNetV3Large } from './detection/ssd/ssdlite320-mobilenet-v3-large.js';
import { deepLabV3Segmenters } from './segmentation/deeplabv3.js';
import { fcnSegmenters } from './segmentation/fcn.js';
import { lrasppMobileNetV3Large } from './segmentation/lraspp.js';

const BUILDERS: ReadonlyMap<string, Architecture> = new Map(
  [
    ssdlite320MobileNetV3Large,
    ssd300Vgg16,
    ...rcnnDetectors,
    retinaNetResNet50Fpn,
    retinaNetResNet50FpnV2,
    fcosResNet50Fpn,
    ...fcnSegmenters,
    ...deepLabV3Segmenters,
    lrasppMobileNetV3Large,
    ...resNetClassifiers,
    ...mobileNetClassifiers,
    vgg16,
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
