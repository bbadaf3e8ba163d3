import { ChoiceField } from '../common/fields.js';

export const TRACE_FORMATS = ['json', 'chrome'] as const;

export type TraceFormat = (typeof TRACE_FORMATS)[number];

/** Query of `GET /api/v1/profiles/{machine}/{architecture}/measurements/{id}/trace`. */
export class TraceQuery {
  @ChoiceField(TRACE_FORMATS, {
    optional: true,
    default: 'json',
    description: "The summary, or a file in Chrome's trace event format, which https://ui.perfetto.dev opens.",
  })
  format?: TraceFormat;
}
