/** @type {import('jest').Config} */
module.exports = {
  testRegex: '\\.(spec|e2e-spec)\\.ts$',
  roots: ['<rootDir>/test'],
  testEnvironment: '<rootDir>/test/support/node-environment.js',
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
  // A test's own Math is a slow global; the hash that makes synthetic tensors calls it millions of times.
  sandboxInjectedGlobals: ['Math'],
  testTimeout: 120_000,
};
