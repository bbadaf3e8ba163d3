const { TestEnvironment } = require('jest-environment-node');

/**
 * Jest runs each test file in a context of its own, with typed arrays of its own, and onnxruntime-node's native code
 * accepts only those of the process. This environment hands the process's constructors to the tests.
 */
class NodeEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const type of [
      Float32Array,
      Float64Array,
      Int32Array,
      BigInt64Array,
      BigUint64Array,
      Uint8Array,
      Int8Array,
      Uint16Array,
      Int16Array,
      Uint32Array,
    ]) {
      this.global[type.name] = type;
    }
    this.global.ArrayBuffer = ArrayBuffer;
  }
}

module.exports = NodeEnvironment;
