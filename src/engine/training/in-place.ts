import { Dependencies } from '../graph/dependencies.js';
import type { ModelContent } from '../onnx/write-model.js';
import { TRAINING_NAMES } from './training-graph.js';

/** Names of those inputs of a lowered step whose new content may be written over the old one. */
export function replacedInPlace({ graph, outputs }: Pick<ModelContent, 'graph' | 'outputs'>): ReadonlySet<string> {
  const dependencies = new Dependencies(graph, outputs.values());
  const replaced = graph.inputs.filter((input) => {
    const update = outputs.get(TRAINING_NAMES.updated(input.name));
    return update !== undefined && dependencies.mayReplace(input, update);
  });
  return new Set(replaced.map(({ name }) => name));
}
