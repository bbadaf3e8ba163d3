import type { Value } from '../../graph/node.js';
import { relu, reshape } from '../../graph/ops.js';
import { staticShape } from '../../graph/tensor.js';
import { adaptiveAveragePool2d } from '../../nn/adaptive-pool.js';
import { dropout, linear } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';
import { VGG16, vggFeatures, vggPool } from '../backbones/vgg.js';
import { classifier } from './classifier.js';

const POOLED_SIZE = 7;
const HIDDEN_FEATURES = 4096;
const DROPOUT = 0.5;

/** Layers of torchvision's `classifier`; between them are activations and dropout. */
const CLASSIFIER_LAYERS = { hidden: [0, 3], output: 6 } as const;

function logits(net: Network, images: Value, numClasses: number): Value {
  const { g } = net;
  const features = net.module('features', () => {
    const { map, nextLayer } = vggFeatures(net, images, VGG16, { trains: () => true, ceilMode: false });
    return vggPool(net, map, nextLayer, false);
  });
  const pooled = net.module('avgpool', () => adaptiveAveragePool2d(g, features, POOLED_SIZE));
  const [batchSize = 0] = staticShape('the features', pooled.shape);
  const flat = reshape(g, pooled, [batchSize, -1]);
  return net.module('classifier', () => {
    const hidden = CLASSIFIER_LAYERS.hidden.reduce(
      (x, layer) =>
        dropout(
          net,
          relu(
            g,
            net.module(layer, () => linear(net, x, HIDDEN_FEATURES)),
          ),
          DROPOUT,
        ),
      flat,
    );
    return net.module(CLASSIFIER_LAYERS.output, () => linear(net, hidden, numClasses));
  });
}

/** VGG with 16 layers (Simonyan & Zisserman 2014), each of its five pools halving the size. */
export const vgg16 = classifier({ name: 'vgg16', smallestImageSide: 32, logits });
