import type { Task } from '../engine/zoo/description.js';

/** Every task; one that is missing here does not compile. */
const EVERY: Readonly<Record<Task, true>> = {
  detection: true,
  instance: true,
  segmentation: true,
  classification: true,
};

export const TASKS = Object.keys(EVERY) as readonly Task[];
