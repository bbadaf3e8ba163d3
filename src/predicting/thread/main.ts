import { parentPort } from 'node:worker_threads';
import { Predictor } from '../../prediction/predictor.js';
import { servePredictions } from './serve-predictions.js';

if (parentPort !== null) servePredictions(parentPort, (observations) => new Predictor(observations));
