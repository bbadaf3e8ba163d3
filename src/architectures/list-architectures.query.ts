import { ChoiceField } from '../common/fields.js';
import type { Task } from '../engine/zoo/description.js';
import { TASKS } from './tasks.js';

/** Query of `GET /api/v1/architectures`. */
export class ListArchitecturesQuery {
  @ChoiceField(TASKS, { optional: true, description: 'Only the architectures for this task.' })
  task?: Task;
}
