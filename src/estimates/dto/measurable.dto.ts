import { ChoiceField, FlagField, IntegerField, NumberField } from '../../common/fields.js';
import { SOURCES, type Source } from '../source.js';
import { MEASURING_SECONDS, MEASURING_STEPS } from './limits.js';
import { WorkloadDto } from './workload.dto.js';

/** A workload, and whether and how it is to be measured. */
export class MeasurableDto extends WorkloadDto {
  @ChoiceField(SOURCES, {
    optional: true,
    default: 'auto',
    description:
      'Where the figures may come from. `auto`: a stored measurement of this workload; else an interpolation between other measurements of the architecture, where the ends of its 90 % interval are within 10 % of the central value; else it is measured now. `measured`: a measurement, stored or made now. `predicted`: a stored measurement, else a prediction, however wide its interval; nothing is measured. Where nothing is measured anyway, as in the nested form, it changes nothing.',
  })
  source?: Source;

  @FlagField({
    optional: true,
    default: false,
    description:
      'Whether to measure although this workload was measured before, or could be predicted; all measurements are kept, and the new one answers from then on. Contradicts `source` "predicted". With `Prefer: respond-async`, repeat the request without `refresh` once the job is over: with it, another measurement would begin. Where nothing is measured, as in the nested form, it changes nothing.',
  })
  refresh?: boolean;

  @IntegerField(MEASURING_STEPS, {
    optional: true,
    description:
      'Most steps of the measurement, warm-up included. By default, and at most, those of the service (`MEASURE_MAX_STEPS`, 1000 unless set). A measurement that was cut short by its limits says so (`protocol.shortened`, warnings) and answers no request with wider ones.',
  })
  measure_max_steps?: number;

  @NumberField(MEASURING_SECONDS, {
    optional: true,
    description:
      'Most seconds of warm-up and timed steps together; building, loading and tracing come on top. A step is never interrupted. By default, and at most, those of the service (`MEASURE_MAX_SECONDS`, 60 unless set).',
  })
  measure_max_seconds?: number;
}
