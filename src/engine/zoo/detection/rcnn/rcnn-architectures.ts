import type { Detector } from '../../architecture.js';
import { MOBILENET_FPN_STRIDES, MOBILENET_PARTS, mobileNetV3LargeFpn } from '../../backbones/mobilenet-fpn.js';
import type { ResNetFpnOptions } from '../../backbones/resnet-fpn.js';
import { RESNET_PARTS, resNet50Fpn, resNetFpnStrides } from '../../backbones/resnet-fpn.js';
import { RESNET_NORM } from '../../backbones/resnet.js';
import { fourConvolutions, twoLinearLayers } from './box-head.js';
import type { Backbone, RcnnConfig } from './rcnn.js';
import { rcnn } from './rcnn.js';
import type { ProposalNetwork } from './region-proposals.js';

const ASPECT_RATIOS = [0.5, 1, 2];
const ANCHOR_SIZES = [32, 64, 128, 256, 512];

const PROPOSALS: ProposalNetwork = {
  // One size for each of the five maps.
  anchors: { sizes: ANCHOR_SIZES.map((size) => [size]), aspectRatios: ASPECT_RATIOS },
  depth: 1,
  limits: { training: 2000, evaluation: 1000 },
  scoreThreshold: 0,
};

const resNet50 = (options: ResNetFpnOptions): Backbone => ({
  strides: resNetFpnStrides(options),
  maps: (net, images, given) => resNet50Fpn(net, images, given, options),
});

/** Faster R-CNN (Ren et al. 2015) with a feature pyramid (Lin et al. 2017) on ResNet-50. */
const RESNET50_FPN: Omit<RcnnConfig, 'name'> = {
  task: 'detection',
  backbone: resNet50({ norm: 'frozen', pyramidNorm: false, firstStage: 0, extra: 'pool' }),
  backboneLayers: { all: RESNET_PARTS, training: 3 },
  proposals: PROPOSALS,
  boxHead: twoLinearLayers,
  maskNorm: null,
  minSize: 800,
  maxSize: 1333,
  defaultImageSize: [800, 800],
  defaultCounts: { candidatesPerImage: 400, detectionsPerImage: 40 },
};

/** With the deeper heads of Li et al. 2021, and live norms throughout. */
const RESNET50_FPN_V2: Omit<RcnnConfig, 'name'> = {
  ...RESNET50_FPN,
  backbone: resNet50({ norm: 'live', pyramidNorm: true, firstStage: 0, extra: 'pool' }),
  backboneLayers: null,
  proposals: { ...PROPOSALS, depth: 2 },
  boxHead: fourConvolutions,
  maskNorm: RESNET_NORM,
};

/** On MobileNetV3-Large, whose pyramid has two maps of one size and a pooled one: each has the anchors of all sizes. */
const MOBILENET_V3_LARGE_FPN: Omit<RcnnConfig, 'name'> = {
  ...RESNET50_FPN,
  backbone: { strides: MOBILENET_FPN_STRIDES, maps: mobileNetV3LargeFpn },
  backboneLayers: { all: MOBILENET_PARTS, training: 3 },
  proposals: {
    ...PROPOSALS,
    anchors: { sizes: [ANCHOR_SIZES, ANCHOR_SIZES, ANCHOR_SIZES], aspectRatios: ASPECT_RATIOS },
    scoreThreshold: 0.05,
  },
};

/** For small images. As many candidates are planted as there are proposals, and a tenth of detections. */
const MOBILENET_V3_LARGE_320_FPN: Omit<RcnnConfig, 'name'> = {
  ...MOBILENET_V3_LARGE_FPN,
  proposals: { ...MOBILENET_V3_LARGE_FPN.proposals, limits: { training: 2000, evaluation: 150 } },
  minSize: 320,
  maxSize: 640,
  defaultImageSize: [320, 320],
  defaultCounts: { candidatesPerImage: 150, detectionsPerImage: 15 },
};

/** The two-stage networks; Mask R-CNN (He et al. 2017) is Faster R-CNN with a branch for masks. */
export const rcnnDetectors: readonly Detector[] = [
  rcnn({ ...RESNET50_FPN, name: 'fasterrcnn_resnet50_fpn' }),
  rcnn({ ...RESNET50_FPN_V2, name: 'fasterrcnn_resnet50_fpn_v2' }),
  rcnn({ ...MOBILENET_V3_LARGE_FPN, name: 'fasterrcnn_mobilenet_v3_large_fpn' }),
  rcnn({ ...MOBILENET_V3_LARGE_320_FPN, name: 'fasterrcnn_mobilenet_v3_large_320_fpn' }),
  rcnn({ ...RESNET50_FPN, name: 'maskrcnn_resnet50_fpn', task: 'instance' }),
  rcnn({ ...RESNET50_FPN_V2, name: 'maskrcnn_resnet50_fpn_v2', task: 'instance' }),
];
