import { count, object, text, type Codec } from '../common/codec.js';
import type { SchemaObject } from '../common/open-api.js';
import type { Machine } from '../hardware/machine.js';
import { machineCodec } from '../hardware/machine.codec.js';
import {
  keptMeasurementCodec,
  standingCodec,
  standingOf,
  type KeptMeasurement,
  type Standing,
} from './kept-measurement.js';
import { byWorkload } from './merge-measurements.js';
import type { Profile } from './profile.js';

type ShownMeasurement = KeptMeasurement & Standing;

const shownCodec: Pick<Codec<ShownMeasurement>, 'encode' | 'schema'> = {
  encode: (shown) => ({ ...(keptMeasurementCodec.encode(shown) as object), ...standingCodec.encode(shown) }),
  schema: { allOf: [keptMeasurementCodec.schema, standingCodec.definition] },
};

interface Heading {
  readonly schemaVersion: number;
  readonly machine: Machine;
  readonly architecture: string;
}

const headingCodec = object<Heading>({
  schemaVersion: count('Of the files of profiles.'),
  machine: machineCodec,
  architecture: text("torchvision's name."),
});

/** A profile as it is shown: what is known of each workload now, and apart from it what was known before. */
export function profileDocument(profile: Profile, here: Machine): unknown {
  const groups = [...byWorkload(profile.measurements).values()].map((group) => {
    const shown = group.map((one) => ({ ...one, ...standingOf(one, group, profile.machine.id, here) })).reverse();
    const answers = shown.filter(({ state }) => state === 'answers');
    const current = answers.length > 0 ? answers : shown.slice(0, 1);
    return { current, earlier: shown.filter((one) => !current.includes(one)) };
  });
  return {
    ...headingCodec.encode(profile),
    measurements: groups.flatMap(({ current }) => current.map(shownCodec.encode)),
    history: groups.flatMap(({ earlier }) => earlier.map(shownCodec.encode)),
  };
}

const { required = [], properties } = headingCodec.definition;

export const profileDocumentSchema: SchemaObject = {
  ...headingCodec.definition,
  required: [...required, 'measurements', 'history'],
  properties: {
    ...properties,
    measurements: {
      type: 'array',
      items: shownCodec.schema,
      description:
        'Of each workload those that answer, of which there are several where a newer one was measured within tighter limits, or else the newest.',
    },
    history: { type: 'array', items: shownCodec.schema, description: 'The others, of each workload newest first.' },
  },
};
