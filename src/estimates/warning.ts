import { named, object, text } from '../common/codec.js';
import type { Measurement, MeasuringProtocol } from '../profiles/measurement.js';

/** Something about an answer that its reader should know before trusting it. */
export interface Warning {
  /** Stable. */
  readonly code: string;
  readonly detail: string;
}

export const warningCodec = named(
  'Warning',
  object<Warning>({ code: text('Stable, to be compared.'), detail: text() }),
);

/** As far as two figures may differ before it is said. */
const TRACE_TOLERANCE = 0.03;
const COUNTS_TOLERANCE = 0.05;
const OTHER_LOAD_PERCENT = 10;
/** Lower than for other load, which may use cores that were free: what is stolen was wanted. */
const STOLEN_PERCENT = 2;
const THROTTLED_PERCENT = 5;

/** Whether the measurement is what was asked for, and made under conditions that let it be repeated. */
export function measurementWarnings(measurement: Measurement): Warning[] {
  const { times, cpu, protocol } = measurement;
  const warnings: Warning[] = [];
  if (!times.stable) {
    const detail = `The steps were still changing after ${String(times.stepSeconds.count)} timed ones, when a limit${limitsOf(protocol)} was reached.`;
    warnings.push({ code: 'unstable', detail });
  } else if (protocol?.shortened === true) {
    const detail = `The limits${limitsOf(protocol)} left less warm-up, or shorter windows, than are usual: ${String(times.stepSeconds.count)} steps agree with each other, but more would say it with more certainty.`;
    warnings.push({ code: 'shortened', detail });
  }
  // An inference is one phase: nothing of it is divided.
  const { backwardSeconds, tracedToUntraced } = times;
  if (backwardSeconds !== null && tracedToUntraced !== null && Math.abs(tracedToUntraced - 1) > TRACE_TOLERANCE) {
    const detail = `The steps that were traced, to divide them into phases, took by their operators ${tracedToUntraced.toFixed(2)} times as long as a step without the trace, by the trace or by other load: the division is less certain than the whole.`;
    warnings.push({ code: 'trace-disturbs', detail });
  }
  if (cpu.otherLoadPercent > OTHER_LOAD_PERCENT) {
    const detail = `Other processes used ${cpu.otherLoadPercent.toFixed(0)} % of the machine meanwhile: on an idle machine it is faster.`;
    warnings.push({ code: 'other-load', detail });
  }
  if (cpu.stolenPercent !== null && cpu.stolenPercent > STOLEN_PERCENT) {
    const detail = `The hypervisor gave ${cpu.stolenPercent.toFixed(0)} % of this machine's CPU time to other machines meanwhile: with less of that it is faster.`;
    warnings.push({ code: 'stolen-time', detail });
  }
  if (cpu.throttledPercent !== null && cpu.throttledPercent > THROTTLED_PERCENT) {
    const detail = `The CPU quota of the cgroup was used up in ${cpu.throttledPercent.toFixed(0)} % of its periods, and the process halted until the next: the figures are those of the quota, not of the processor. Fewer threads, or a quota of whole cores, make it steadier.`;
    warnings.push({ code: 'throttled', detail });
  }
  if (cpu.heatSlowdowns !== null && cpu.heatSlowdowns > 0) {
    const detail = `The processor was slowed down for heat ${String(cpu.heatSlowdowns)} times meanwhile: cooler, it is faster.`;
    warnings.push({ code: 'heat', detail });
  }
  return [...warnings, ...countWarnings(measurement)];
}

function limitsOf(protocol: MeasuringProtocol | null): string {
  if (protocol === null) return '';
  return ` (measure_max_steps ${String(protocol.maxSteps)}, measure_max_seconds ${String(protocol.maxSeconds)})`;
}

function countWarnings({ workload, reached }: Measurement): Warning[] {
  const counts = [
    { name: 'objects', asked: workload.objectsPerImage, got: reached.objectsPerImage },
    { name: 'positives', asked: workload.positivesPerImage, got: reached.positivesPerImage },
    { name: 'candidates', asked: workload.candidatesPerImage, got: reached.candidatesPerImage },
    { name: 'detections', asked: workload.detectionsPerImage, got: reached.detectionsPerImage },
  ];
  return counts.flatMap(({ name, asked, got }) =>
    asked === null || got === null || Math.abs(got - asked) <= COUNTS_TOLERANCE * asked
      ? []
      : [
          {
            code: 'counts-differ',
            detail: `${String(asked)} ${name} an image were asked for; the measured run had ${got.toFixed(1)}.`,
          },
        ],
  );
}

/** Of times that are given instead of measured. */
export function givenWarnings({ times }: { readonly times?: { readonly stable?: boolean } }): Warning[] {
  if (times?.stable !== false) return [];
  return [
    { code: 'unstable', detail: 'In the answer that was given back the steps were still changing (`times.stable`).' },
  ];
}

/** @param declared what the request says */
export function parameterWarnings(declared: number, actual: number): Warning[] {
  return declared === actual
    ? []
    : [
        {
          code: 'parameters-differ',
          detail: `The request says ${String(declared)} parameters, but with these options the network has ${String(actual)}; the figures are of that network. Perhaps another num_classes or weights_backbone was meant.`,
        },
      ];
}
