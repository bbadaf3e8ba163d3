import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrace, type NodeExecution, type RunTrace } from '../../../src/engine/runtime/trace.js';
import { summariseTrace } from '../../../src/profiling/child/summarise-trace.js';
import type { TracedPart } from '../../../src/profiles/step-trace.js';

/**
 * One run of a training step of ResNet-18 (batch 2, 64x64, 2 threads) as onnxruntime 1.30 wrote it: of its nodes those
 * in no module and those of `layer4.1` and `fc`, of their arguments those that are read.
 */
const RECORDED = join(__dirname, '../../fixtures/traces/resnet18-training.json');

/** What the trace took of each operator's time. */
const COST = 0.000004;

function recorded(): RunTrace {
  const [run = []] = parseTrace(readFileSync(RECORDED, 'utf8'));
  return run;
}

function node(index: number, changes: Partial<NodeExecution>): NodeExecution {
  return {
    name: '',
    phase: 'forward',
    module: 'body',
    operator: 'Conv',
    startSeconds: index / 1000,
    seconds: 0.0005,
    allocatedBytes: 10,
    bytesInUse: 100,
    bytesHeld: 200,
    inputShapes: [],
    outputShapes: [],
    ...changes,
  };
}

const secondsOf = (parts: readonly { readonly seconds: number }[]): number =>
  parts.reduce((sum, { seconds }) => sum + seconds, 0);
const countOf = (parts: readonly { readonly count: number }[]): number =>
  parts.reduce((sum, { count }) => sum + count, 0);

describe('the summary of a recorded step', () => {
  const run = recorded();
  const { summary, timeline } = summariseTrace(run, COST);

  it('divides all of its operators and their time by phase, by kind and by module', () => {
    expect(summary.count).toBe(159);
    expect(summary.traceSecondsPerOperator).toBe(COST);
    expect(summary.operatorSeconds).toBeCloseTo(secondsOf(run), 9);
    for (const parts of [summary.phases, summary.operators, summary.modules]) {
      expect(countOf(parts)).toBe(summary.count);
      expect(secondsOf(parts)).toBeCloseTo(summary.operatorSeconds, 9);
    }
  });

  it('has the phases in their order, although the runtime begins with the optimizer', () => {
    expect(run[0]?.phase).toBe('optimizer');
    expect(summary.phases.map(({ phase }) => phase)).toEqual(['forward', 'backward', 'optimizer']);
  });

  it('lists the slowest first, with what they are and took', () => {
    const slowest = (parts: readonly TracedPart[]): void => {
      const seconds = parts.map((part) => part.seconds);
      expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
    };
    slowest(summary.operators);
    slowest(summary.modules);
    expect(summary.modules.map(({ phase, module }) => `${phase} ${String(module)}`)).toEqual(
      expect.arrayContaining(['forward fc', 'backward layer4.1.conv2', 'optimizer layer4.1.conv1.weight', 'forward ']),
    );
    const products = run.filter(({ phase, operator }) => phase === 'backward' && operator === 'FusedMatMul');
    expect(summary.operators).toContainEqual({
      phase: 'backward',
      operator: 'FusedMatMul',
      count: products.length,
      seconds: expect.closeTo(secondsOf(products), 9) as number,
      allocatedBytes: products.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0),
      peakBytesInUse: Math.max(...products.map(({ bytesInUse }) => bytesInUse)),
    });
  });

  it('takes the time from the beginning of the step to the end of its last operator', () => {
    const last = run.at(-1);
    expect(summary.stepSeconds).toBeCloseTo((last?.startSeconds ?? 0) + (last?.seconds ?? 0), 9);
    expect(summary.stepSeconds).toBeGreaterThan(summary.operatorSeconds);
  });

  it('tells where the most memory was in use', () => {
    const peak = Math.max(...run.map(({ bytesInUse }) => bytesInUse));
    expect(summary.memoryPeak.bytesInUse).toBe(peak);
    expect(summary.memory).toContainEqual({
      seconds: summary.memoryPeak.seconds,
      bytesInUse: peak,
      bytesHeld: summary.memoryPeak.bytesHeld,
    });
    const at = run.find(({ bytesInUse }) => bytesInUse === peak);
    expect(summary.memoryPeak).toMatchObject({ phase: at?.phase, module: at?.module, operator: at?.operator });
  });

  it('keeps as many digits as the trace has', () => {
    const digits = [...JSON.stringify({ summary, timeline }).matchAll(/\.(\d+)/g)].map(([, text = '']) => text.length);
    expect(Math.max(...digits.filter((length) => length > 1))).toBeLessThanOrEqual(6);
  });

  it('gives each operator a span of its own where there are few', () => {
    expect(timeline).toHaveLength(run.length);
    expect(timeline.every(({ count, operator }) => count === 1 && operator !== null)).toBe(true);
  });
});

describe('the summary of a step with many operators', () => {
  const SLOW = 100;
  /** Some are slow; between them small ones of two phases take turns. */
  const many = Array.from({ length: 9000 }, (_, index) =>
    node(index, {
      module: `body.${String(index)}.${index % 3 === 0 ? 'conv' : 'relu'}`,
      phase: index % 2 === 0 ? 'forward' : 'backward',
      seconds: index % (9000 / SLOW) === 0 ? 0.0009 : 1e-6 * (1 + (index % 7)),
      bytesInUse: index === 4567 ? 123_456_789 : index === 6789 ? 1 : 1000 + (index % 11),
    }),
  );
  const { summary, timeline } = summariseTrace(many, COST);

  it('is bounded in size', () => {
    expect(timeline.length).toBeLessThanOrEqual(4 * 501);
    expect(summary.modules.length).toBeLessThanOrEqual(303);
    expect(summary.memory.length).toBeLessThanOrEqual(400);
  });

  it('loses no operator and no time', () => {
    expect(countOf(timeline)).toBe(many.length);
    expect(timeline.reduce((sum, { operatorSeconds }) => sum + operatorSeconds, 0)).toBeCloseTo(secondsOf(many), 6);
    expect(countOf(summary.modules)).toBe(many.length);
    expect(secondsOf(summary.modules)).toBeCloseTo(secondsOf(many), 6);
  });

  it('keeps slow operators apart', () => {
    const slow = timeline.filter(({ operatorSeconds, count }) => count === 1 && operatorSeconds === 0.0009);
    expect(slow).toHaveLength(SLOW);
  });

  it('keeps the highest and the lowest memory where they were', () => {
    const at = (index: number): object => ({ seconds: expect.closeTo(index / 1000, 3) as number });
    expect(summary.memory).toContainEqual({ ...at(4567), bytesInUse: 123_456_789, bytesHeld: 200 });
    expect(summary.memory).toContainEqual({ ...at(6789), bytesInUse: 1, bytesHeld: 200 });
  });

  it('sums up small modules by phase', () => {
    const rest = summary.modules.filter(({ module }) => module === null);
    expect(rest.map(({ phase }) => phase).sort()).toEqual(['backward', 'forward']);
  });

  it('lets no spans of one phase overlap', () => {
    for (const wanted of ['forward', 'backward']) {
      const spans = timeline.filter(({ phase }) => phase === wanted);
      spans.forEach(({ startSeconds }, index) => {
        expect(startSeconds).toBeGreaterThanOrEqual(spans[index - 1]?.endSeconds ?? 0);
      });
    }
  });
});

describe('small operators between two slow ones', () => {
  it('become one span, in the module that all of them lie in', () => {
    const small = ['body.layer1.0.bn1', 'body.layer1.0.conv2', 'body.layer1.1'];
    const run = [
      ...Array.from({ length: 500 }, (_, index) => node(index, { seconds: 0.0009 })),
      ...small.map((module, index) => node(500 + index, { module, seconds: 3e-7 })),
      node(503, { module: 'head', phase: 'backward', seconds: 2e-6 }),
    ];
    expect(summariseTrace(run, COST).timeline.slice(500)).toEqual([
      {
        phase: 'forward',
        module: 'body.layer1',
        operator: null,
        count: 3,
        startSeconds: 0.5,
        endSeconds: 0.502,
        operatorSeconds: 0.000001,
      },
      expect.objectContaining({ phase: 'backward', module: 'head', operator: 'Conv', count: 1 }),
    ]);
  });
});

describe('a run in which nothing was executed', () => {
  it('has no summary', () => {
    expect(() => summariseTrace([], COST)).toThrow(RangeError);
  });
});
