import type { Architecture } from './architecture.js';
import { fasterRcnnResNet50Fpn, maskRcnnResNet50Fpn } from './rcnn.js';
import { ssdlite320MobileNetV3Large } from './ssdlite320-mobilenet-v3-large.js';

const ZOO: ReadonlyMap<string, Architecture> = new Map(
  [ssdlite320MobileNetV3Large, fasterRcnnResNet50Fpn, maskRcnnResNet50Fpn].map((architecture) => [
    architecture.name,
    architecture,
  ]),
);

/** A name that the catalogue does not hold. */
export class UnknownArchitectureError extends Error {
  readonly code = 'unknown-architecture';
}

/** Names of all that can be built. */
export function architectureNames(): readonly string[] {
  return [...ZOO.keys()];
}

/** The builder of an architecture, by torchvision's name. @throws UnknownArchitectureError */
export function architectureNamed(name: string): Architecture {
  const architecture = ZOO.get(name);
  if (!architecture) {
    throw new UnknownArchitectureError(
      `there is no architecture "${name}"; known are ${architectureNames().join(', ')}`,
    );
  }
  return architecture;
}
