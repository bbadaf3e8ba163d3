/** Which room of src/ imports which others, besides itself. */
const rooms = {
  config: [],
  common: ['config'],
  'engine/graph': [],
  'engine/synthetic': [],
  'engine/onnx': ['engine/graph'],
  'engine/autodiff': ['engine/graph'],
  'engine/costs': ['engine/graph'],
  'engine/lowering': ['engine/graph'],
  'engine/nn': ['engine/graph'],
  'engine/runtime': ['engine/graph', 'engine/onnx'],
  'engine/zoo': ['engine/graph', 'engine/nn'],
  'engine/training': [
    'engine/synthetic',
    'engine/autodiff',
    'engine/costs',
    'engine/graph',
    'engine/lowering',
    'engine/nn',
    'engine/onnx',
    'engine/runtime',
    'engine/zoo',
  ],
  'engine/parity': ['engine/graph', 'engine/synthetic', 'engine/training', 'engine/zoo'],
  health: ['common', 'profiles'],
  runtimes: ['common', 'config'],
  'runtimes/probe': ['engine/graph', 'engine/onnx', 'engine/runtime', 'runtimes'],
  hardware: ['common', 'config', 'runtimes'],
  architectures: ['common', 'engine/zoo'],
  monitoring: ['profiles'],
  profiles: ['common', 'config', 'hardware'],
  profiling: ['hardware', 'monitoring', 'prediction', 'profiles'],
  'profiling/child': [
    'common',
    'engine/costs',
    'engine/graph',
    'engine/lowering',
    'engine/nn',
    'engine/runtime',
    'engine/synthetic',
    'engine/training',
    'engine/zoo',
    'monitoring',
    'profiles',
    'profiling',
    'runtimes',
  ],
  prediction: ['common', 'engine/costs', 'engine/training', 'engine/zoo', 'profiles'],
  predicting: ['common', 'engine/zoo', 'hardware', 'prediction', 'profiles'],
  'predicting/thread': [
    'common',
    'engine/lowering',
    'engine/training',
    'engine/zoo',
    'predicting',
    'prediction',
    'profiles',
  ],
  accuracy: ['common', 'config', 'hardware', 'predicting', 'prediction', 'profiles'],
  jobs: ['accuracy', 'common', 'config', 'hardware', 'predicting', 'prediction', 'profiles', 'profiling'],
  estimates: [
    'architectures',
    'common',
    'engine/zoo',
    'hardware',
    'jobs',
    'predicting',
    'prediction',
    'profiles',
    'profiling',
    'runtimes',
  ],
  calibration: ['config', 'engine/zoo', 'estimates', 'hardware', 'profiles', 'profiling'],
};

/** Rooms within a room are rooms of their own: what may import the outer one may not thereby import the inner. */
const inside = (room) => {
  const inner = Object.keys(rooms).filter((other) => other.startsWith(`${room}/`));
  const others = inner.map((other) => `(?!${other.slice(room.length + 1)}/)`);
  return `^src/${room}/${others.join('')}`;
};

const arrows = Object.entries(rooms).map(([room, others]) => ({
  name: `arrows-of-${room.replace('/', '-')}`,
  severity: 'error',
  from: { path: inside(room) },
  to: { path: '^src/', pathNot: [room, ...others].map(inside) },
}));

/** What Node is told to run: the service, the child process that measures, the thread that predicts, and the commands. */
const programs = [
  '^src/main[.]ts$',
  '^src/profiling/child/main[.]ts$',
  '^src/runtimes/probe/main[.]ts$',
  '^src/predicting/thread/main[.]ts$',
  '^src/step[.]ts$',
  '^src/calibrate[.]ts$',
];

/** What the engine offers besides what the service uses. */
const enginesOwn = ['^src/engine/onnx/read-model[.]ts$', '^src/engine/graph/print-graph[.]ts$'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'room-without-arrows',
      comment: 'A new folder of src/ needs a row in the table above.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: Object.keys(rooms).map(inside) },
      to: {},
    },
    {
      name: 'service-loads-no-network',
      comment: 'onnxruntime blocks the event loop, so networks run in the child process and in commands alone.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/engine/',
          '^src/profiling/child/',
          '^src/runtimes/probe/',
          '^src/prediction/',
          '^src/predicting/thread/',
          '^src/step[.]ts$',
        ],
      },
      to: { path: '^src/engine/', pathNot: '^src/engine/zoo/(catalogue|description|facts)[.]ts$' },
    },
    {
      name: 'predicts-in-its-thread',
      comment:
        'Graphs take up to some tens of milliseconds to build, and learning longer: the service would stand still.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/prediction/', '^src/predicting/thread/'] },
      to: { path: '^src/prediction/', pathNot: '^src/prediction/(fit|observation|prediction)[.]ts$' },
    },
    {
      name: 'types-of-measurements-alone',
      comment: 'Profiles are kept by who asks for measurements, not by who makes or describes them.',
      severity: 'error',
      from: { path: '^src/(monitoring|profiling)/' },
      to: { path: '^src/profiles/', pathNot: '^src/profiles/(measurement|step-trace|workload)[.]ts$' },
    },
    {
      name: 'engine-stands-alone',
      comment: 'No Nest, no HTTP.',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: 'node_modules/', pathNot: 'node_modules/(@bufbuild/protobuf|onnxruntime-(node|common))/' },
    },
    {
      name: 'one-owner-of-onnxruntime',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/runtime/' },
      to: { path: 'node_modules/onnxruntime-(node|common)/' },
    },
    {
      name: 'sources-stand-alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'declared-dependencies',
      comment: 'What the service runs with is under "dependencies" of package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-unused',
      comment:
        'What neither the service, its child process nor a command reaches is dead: tests alone keep nothing alive. ' +
        'Reading models and printing graphs are for those who use the engine alone.',
      severity: 'error',
      from: { path: [...programs, ...enginesOwn, '^bench/'] },
      to: { path: '^src/', pathNot: [...programs, ...enginesOwn], reachable: false },
    },
    {
      name: 'nothing-missing',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types are arrows too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
