import { runWorkload } from './run-workload.js';
import { serveMeasurement } from './serve-measurement.js';

serveMeasurement(runWorkload);
