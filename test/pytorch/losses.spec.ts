import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { PythonProcess } from '../../src/profiling/child/python-process.js';
import { describeWithPyTorch, PYTHON } from './support.js';

const REFERENCE = join(__dirname, '../../bench/reference/torch_reference.py');
const THREADS = 2;

interface Case {
  readonly architecture: string;
  readonly batch: number;
  /** Null: the network's own. */
  readonly side: number;
  readonly resizing: { readonly min: number; readonly max: number } | null;
}

const CASES: readonly Case[] = [
  { architecture: 'fasterrcnn_resnet50_fpn', batch: 1, side: 64, resizing: { min: 64, max: 96 } },
  { architecture: 'maskrcnn_resnet50_fpn', batch: 1, side: 64, resizing: { min: 64, max: 96 } },
  { architecture: 'ssdlite320_mobilenet_v3_large', batch: 2, side: 96, resizing: null },
];

const SEED = 3;
const OBJECTS = 3;

type Losses = Readonly<Record<string, number>>;

function ofReference({ architecture, batch, side, resizing }: Case): Losses {
  const options = { batch, objects: OBJECTS, seed: SEED, threads: THREADS, 'weights-backbone': 'default' };
  const resized = resizing === null ? {} : { 'min-size': resizing.min, 'max-size': resizing.max };
  const words = Object.entries({ ...options, ...resized }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const size = ['--image-size', String(side), String(side)];
  const output = execFileSync(PYTHON, [REFERENCE, architecture, ...words, ...size], { encoding: 'utf8' });
  return (JSON.parse(output) as { losses: Losses }).losses;
}

async function ofTheRuntime({ architecture, batch, side, resizing }: Case): Promise<Losses> {
  const { process: python } = await PythonProcess.start(PYTHON, THREADS);
  try {
    await python.ask('prepare', {
      architecture,
      options: {
        num_classes: 91,
        weights_backbone: 'default',
        trainable_backbone_layers: null,
        min_size: resizing?.min ?? null,
        max_size: resizing?.max ?? null,
        aux_loss: null,
      },
      application_type: 'training',
      batch_size: batch,
      image_size: [side, side],
      objects_per_image: OBJECTS,
      positives_per_image: null,
      candidates_per_image: null,
      detections_per_image: null,
      precision: 'fp32',
      device: 'cpu',
      threads: THREADS,
      sampling: 'first',
      seed: SEED,
    });
    await python.ask('load');
    return ((await python.ask('step')) as { losses: Losses }).losses;
  } finally {
    await python.end();
  }
}

describeWithPyTorch('losses of the first step in PyTorch', () => {
  it.each(CASES)('are those of the reference for $architecture', async (one) => {
    const losses = await ofTheRuntime(one);
    const wanted = ofReference(one);
    expect(Object.keys(losses)).toEqual(Object.keys(wanted));
    for (const [name, loss] of Object.entries(losses)) {
      const reference = wanted[name] ?? NaN;
      expect(Math.abs(loss - reference)).toBeLessThanOrEqual(1e-5 * Math.abs(reference));
    }
  });
});
