/** A file that is no ONNX model, or a model that uses what this engine does not know. */
export class UnreadableModelError extends Error {
  readonly code = 'unreadable-model';
}
